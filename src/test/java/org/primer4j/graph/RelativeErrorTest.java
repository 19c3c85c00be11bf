package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.graph.RelativeError.assertClose;

import org.junit.jupiter.api.Test;

class RelativeErrorTest {

    @Test
    void measuresTheWholeTensor() {
        assertEquals(0.1 / 5, RelativeError.of(new double[] {3, 4.1}, new double[] {3, 4}, 0), 1e-15);
        assertEquals(0.1 / (5 + 0.2), RelativeError.of(new double[] {3, 4.1}, new double[] {3, 4}, 200), 1e-15);
        assertEquals(0, RelativeError.of(new double[2], new double[2], 0));
    }

    @Test
    void acceptsAndRefusesAroundTheTolerance() {
        double[] expected = {3, 4};
        assertClose("inside", new double[] {3, 4.0999}, expected, 0.02, 0);
        assertThrows(AssertionError.class, () -> assertClose("outside", new double[] {3, 4.1001}, expected, 0.02, 0));
    }

    @Test
    void refusesWhatIsNotANumber() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(AssertionError.class, () -> assertClose("actual", new double[] {bad}, new double[] {1}, 1, 1));
            assertThrows(AssertionError.class, () -> assertClose("expected", new double[] {1}, new double[] {bad}, 1, 1));
            assertThrows(AssertionError.class, () -> assertClose("both", new double[] {bad}, new double[] {bad}, 1, 1));
            assertThrows(AssertionError.class, () -> assertClose("group", new double[] {1}, new double[] {2}, 1e-3, Double.NaN));
        }
    }

    @Test
    void refusesANonZeroWhereZeroIsExpected() {
        assertThrows(AssertionError.class, () -> assertClose("zero", new double[] {1e-30}, new double[] {0}, 1, 0));
    }

    @Test
    void refusesOtherLengths() {
        assertThrows(IllegalArgumentException.class, () -> RelativeError.of(new double[1], new double[2], 0));
    }
}
