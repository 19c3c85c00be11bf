package org.primer4j.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.primer4j.engine.NotFiniteException;

class TopTokensTest {

    @Test
    void aLogProbabilityThatIsNoNumberIsRefused() {
        TopTokens top = new TopTokens(2, 2);
        top.logProbs()[3] = Float.NaN;
        assertEquals(0, top.logProb(1, 0));
        assertThrows(NotFiniteException.class, () -> top.logProb(1, 1));
    }
}
