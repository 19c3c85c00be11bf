package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ColourScaleTest {

    @Test
    void stepsAreRoundAndAnOutlierIsOpen() {
        ColourScale scale = ColourScale.of(DoubleStream.of(-148, 2, 5, 8, 11, 1, -3, 4, 6, 7, Double.NaN, Double.POSITIVE_INFINITY));
        assertEquals(3, scale.step(), 1e-12);
        assertArrayEquals(new double[] {-9, -6, -3, 0, 3, 6, 9}, scale.edges(), 1e-12);
        assertEquals(-4, scale.level(-148));
        assertEquals(1, scale.level(3));
        assertEquals(2, scale.level(3.01));
        assertEquals(4, scale.level(Double.POSITIVE_INFINITY));
        assertEquals("level-1", scale.style(-0.1));
        assertEquals("level0", scale.style(Double.NaN));
        assertEquals("level0", scale.style(-0.0));
    }

    @Test
    void noValuesHaveAScaleToo() {
        assertTrue(ColourScale.of(DoubleStream.empty()).step() > 0);
        assertTrue(ColourScale.of(DoubleStream.of(0, 0)).step() > 0);
    }

    @Property(tries = 200)
    void levelsRiseAndAreOdd(@ForAll @Size(min = 2, max = 20) List<@DoubleRange(min = -1e4, max = 1e4) Double> values) {
        ColourScale scale = ColourScale.of(values.stream().mapToDouble(Double::doubleValue));
        List<Double> sorted = values.stream().sorted().toList();
        for (int i = 0; i < sorted.size(); i++) {
            assertEquals(-scale.level(sorted.get(i)), scale.level(-sorted.get(i)));
            assertTrue(i == 0 || scale.level(sorted.get(i - 1)) <= scale.level(sorted.get(i)), sorted + " " + scale);
        }
        assertTrue(values.stream().filter(value -> Math.abs(value) > 3 * scale.step() * (1 + 1e-9)).count() <= 0.2 * values.size() + 1, values + " " + scale);
    }
}
