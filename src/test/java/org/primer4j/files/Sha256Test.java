package org.primer4j.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {

    /** FIPS 180-2, appendix B. */
    private static final String OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String OF_A_MILLION_A = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

    @TempDir
    Path folder;

    @Test
    void bytesAndFiles() throws IOException {
        assertEquals(OF_ABC, Sha256.of("abc".getBytes(StandardCharsets.UTF_8)));
        assertEquals(OF_A_MILLION_A, Sha256.of(Files.writeString(folder.resolve("a"), "a".repeat(1_000_000))));
    }

    @Test
    void sequencesDoNotRunTogether() {
        assertNotEquals(new Sha256().text("ab").text("c").hex(), new Sha256().text("a").text("bc").hex());
    }
}
