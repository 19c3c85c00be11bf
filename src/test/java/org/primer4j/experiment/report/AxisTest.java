package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class AxisTest {

    private static List<String> labels(double... values) {
        Axis axis = Axis.around(DoubleStream.of(values));
        return axis.ticks().stream().map(axis::label).toList();
    }

    @Test
    void ticksAreRound() {
        assertEquals(List.of("0.2", "0.4", "0.6", "0.8", "1.0"), labels(0.31, 0.86));
        assertEquals(List.of("0", "10", "20", "30", "40"), labels(3, 37));
        assertEquals(List.of("-0.02", "-0.01", "0.00", "0.01"), labels(-0.018, 0.01));
        assertEquals(List.of("0.00", "0.25", "0.50", "0.75", "1.00"), labels());
    }

    @Property(tries = 200)
    void containsItsValuesWithFewTicks(@ForAll @DoubleRange(min = -1e6, max = 1e6) double a,
                                       @ForAll @DoubleRange(min = -1e6, max = 1e6) double b) {
        Axis axis = Axis.around(DoubleStream.of(a, b));
        for (double value : new double[] {a, b}) {
            double percent = axis.percent(value);
            assertTrue(percent >= -1e-6 && percent <= 100 + 1e-6, axis + " " + percent);
        }
        assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 7, axis + " " + axis.ticks());
    }
}
