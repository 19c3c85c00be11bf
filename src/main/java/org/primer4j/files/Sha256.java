package org.primer4j.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a sequence of values. Texts are preceded by their length, so that no two sequences run together. */
public final class Sha256 {

    private static final int BUFFER_BYTES = 1 << 16;

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** The hash of these bytes alone. */
    public static String of(byte[] bytes) {
        return new Sha256().bytes(ByteBuffer.wrap(bytes)).hex();
    }

    /** The hash of a file's bytes alone. */
    public static String of(Path file) throws IOException {
        Sha256 hash = new Sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hash.bytes(ByteBuffer.wrap(buffer, 0, count));
            }
        }
        return hash.hex();
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
