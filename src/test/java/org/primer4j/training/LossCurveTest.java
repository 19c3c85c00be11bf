package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LossCurveTest {

    @Test
    void aPointIsTheMeanSinceTheLast() {
        LossCurve curve = new LossCurve(6, 3);
        for (int step = 1; step <= 6; step++) {
            curve.add(step, step, step == 3 ? 0.5 : null);
        }
        assertEquals(List.of(new CurvePoint(2, 1.5, null), new CurvePoint(3, 3, 0.5), new CurvePoint(4, 4, null), new CurvePoint(6, 5.5, null)),
            curve.points());
    }

    @Property(tries = 200)
    void holdsNoMorePointsThanAskedForAndTheMeanOfAll(@ForAll @IntRange(min = 1, max = 500) int steps, @ForAll @IntRange(min = 1, max = 60) int most,
                                                       @ForAll boolean scored) {
        LossCurve curve = new LossCurve(steps, most);
        for (int step = 1; step <= steps; step++) {
            curve.add(step, step % 7, scored && step == steps ? 0.0 : null);
        }
        assertTrue(curve.points().size() <= most, curve.points().size() + " points");
        assertEquals(steps, curve.last().step());
        double sum = 0;
        int before = 0;
        for (CurvePoint point : curve.points()) {
            sum += point.loss() * (point.step() - before);
            before = point.step();
        }
        double expected = 0;
        for (int step = 1; step <= steps; step++) {
            expected += step % 7;
        }
        assertEquals(expected, sum, 1e-9 * Math.max(1, expected));
    }
}
