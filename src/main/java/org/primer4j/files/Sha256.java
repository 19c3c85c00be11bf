package org.primer4j.files;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a sequence of values. Texts are preceded by their length, so that no two sequences run together. */
public final class Sha256 {

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Adds 8 bytes. */
    public Sha256 number(long value) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, value));
        return this;
    }

    /** Adds the length in UTF-8 and the text. */
    public Sha256 text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return number(bytes.length).bytes(ByteBuffer.wrap(bytes));
    }

    /** Adds what remains in a buffer, as it stands. */
    public Sha256 bytes(ByteBuffer bytes) {
        digest.update(bytes);
        return this;
    }

    /** The hash of all that was added, 64 hexadecimal digits; the next value begins another one. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
