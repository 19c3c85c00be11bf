package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class QuantileTest {

    @Property(tries = 500)
    void isThatOfTheSortedValues(@ForAll @Size(min = 1, max = 60) List<@IntRange(min = -20, max = 20) Integer> values,
                                 @ForAll @DoubleRange(min = 0, max = 1) double q) {
        double[] sorted = values.stream().mapToDouble(Integer::doubleValue).sorted().toArray();
        double position = q * (sorted.length - 1);
        int below = (int) Math.floor(position);
        double above = sorted[Math.min(below + 1, sorted.length - 1)];
        assertEquals(sorted[below] + (position - below) * (above - sorted[below]),
            Quantile.of(values.stream().mapToDouble(Integer::doubleValue).toArray(), q));
    }

    /** As numpy.quantile. */
    @Test
    void isLinearBetweenValues() {
        assertEquals(2.5, Quantile.of(new double[] {4, 1, 3, 2}, 0.5));
        assertEquals(1.3, Quantile.of(new double[] {4, 1, 3, 2}, 0.1), 1e-15);
        double[] many = new double[10_001];
        Arrays.setAll(many, i -> (i * 7919L) % many.length);
        assertEquals(250, Quantile.of(many, 0.025), 1e-9);
        assertEquals(9750, Quantile.of(many, 0.975), 1e-9);
    }
}
