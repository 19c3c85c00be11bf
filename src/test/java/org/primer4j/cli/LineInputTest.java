package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class LineInputTest {

    @TempDir
    Path folder;

    private LineInput open(String text) throws IOException {
        return LineInput.open(Files.writeString(folder.resolve("input"), text).toString());
    }

    @Test
    void linesEndAsInAGymAndAByteOrderMarkIsNoText() throws IOException {
        try (LineInput lines = open("\uFEFFone\r\ntwo\rhalves\u2028more\n\uFEFFthree")) {
            assertEquals(List.of("one", "two\rhalves\u2028more", "\uFEFFthree"), lines.next(9));
            assertEquals(3, lines.lines());
            assertEquals(List.of(), lines.next(9));
        }
    }

    @Test
    void linesBeforeABlankOneAreGivenFirst() throws IOException {
        try (LineInput lines = open("one\ntwo\n \nfour\n")) {
            assertEquals(List.of("one", "two"), lines.next(9));
            BadInputException blank = assertThrows(BadInputException.class, () -> lines.next(9));
            assertTrue(blank.getMessage().contains(":3: the input is empty"), blank.getMessage());
        }
    }

    @Test
    void whatIsWantedOfALineMustNotBeBlank() throws IOException {
        try (LineInput lines = open("one\t1\n\t2\n")) {
            assertEquals(List.of("one"), lines.next(9, line -> line.split("\t", 2)[0]));
            assertThrows(BadInputException.class, () -> lines.next(9, line -> line.split("\t", 2)[0]));
        }
    }
}
