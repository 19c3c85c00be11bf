package org.primer4j.gym.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowTest {

    @Test
    void lineIsInputTabOutput() {
        assertEquals("It rains.\tweather", new Row("It rains.", "weather", "It rains.").line());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\tb", "a\nb", "a\rb"})
    void textThatBreaksALineIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> new Row(text, "label", ""));
        assertThrows(IllegalArgumentException.class, () -> new Row("input", text, ""));
    }
}
