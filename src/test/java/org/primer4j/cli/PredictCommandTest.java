package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictCommandTest {

    @ParameterizedTest
    @ValueSource(strings = {"\t", "\n", "\r", "\r\n", "\u000b", "\f", "\u0085", "\u2028", "\u2029"})
    void anAnswerStaysInItsCell(String separator) {
        assertEquals("in\ta b \n", PredictCommand.row("in", "a" + separator + "b" + separator));
    }
}
