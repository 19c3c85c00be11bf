package org.primer4j.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class HolmTest {

    /** As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"). */
    @Test
    void stepsDown() {
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02}, Holm.adjusted(new double[] {0.01, 0.04, 0.03, 0.005}), 1e-15);
    }

    @Test
    void neverExceedsOneAndLeavesOutWhatIsNoTest() {
        assertArrayEquals(new double[] {1, Double.NaN, 1}, Holm.adjusted(new double[] {0.6, Double.NaN, 0.7}), 0);
        assertArrayEquals(new double[0], Holm.adjusted(new double[0]), 0);
    }
}
