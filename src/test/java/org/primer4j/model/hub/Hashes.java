package org.primer4j.model.hub;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hub's hashes, written a second time. */
final class Hashes {

    private Hashes() {
    }

    static String sha256(byte[] content) {
        return hash("SHA-256", content);
    }

    static String git(byte[] content) {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        object.writeBytes(("blob " + content.length).getBytes(StandardCharsets.US_ASCII));
        object.write(0);
        object.writeBytes(content);
        return hash("SHA-1", object.toByteArray());
    }

    private static String hash(String algorithm, byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(bytes);
            return String.format("%0" + 2 * digest.length + "x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
