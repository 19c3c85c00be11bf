package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    @Test
    void isTheNormOfTheDifferenceOverTheReferences() {
        assertEquals(5.0 / 13, Comparison.error(new double[] {8, 16}, new double[] {5, 12}, 0), 1e-15);
        assertEquals(5.0 / 15, Comparison.error(new double[] {8, 16}, new double[] {5, 12}, 2), 1e-15);
        assertEquals(1e-3 * 13, Comparison.floor(List.of(new double[] {3, 12}, new double[] {4})), 1e-15);
    }

    @Test
    void nothingButZeroEqualsZeroWithoutAFloor() {
        assertEquals(0, Comparison.error(new double[2], new double[2], 0));
        assertEquals(Double.POSITIVE_INFINITY, Comparison.error(new double[] {1e-30, 0}, new double[2], 0));
    }

    @Property(tries = 50)
    void whatIsNotFiniteNeverPasses(@ForAll @DoubleRange(min = 0, max = 1e300) double tolerance) {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertFalse(passes(new double[] {1, bad}, new double[] {1, 2}, tolerance));
            assertFalse(passes(new double[] {1, 2}, new double[] {1, bad}, tolerance));
            assertFalse(passes(new double[] {bad}, new double[] {bad}, tolerance));
        }
        assertTrue(passes(new double[] {1, 2}, new double[] {1, 2}, tolerance));
    }

    @Test
    void refusesDifferentSizes() {
        assertThrows(IllegalArgumentException.class, () -> Comparison.error(new double[2], new double[3], 0));
    }

    private static boolean passes(double[] actual, double[] expected, double tolerance) {
        return CaseResult.compared("f", "c", "t", Comparison.error(actual, expected, 0), tolerance).passed();
    }
}
