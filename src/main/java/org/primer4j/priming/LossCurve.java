package org.primer4j.priming;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.experiment.CurvePoint;

/** Mean losses over the steps: fewer than 400 points, and one wherever dev was scored. */
final class LossCurve {

    /** Of a long run; a shorter one has a point for every step. */
    private static final int POINTS = 200;

    private final List<CurvePoint> points = new ArrayList<>();
    private final int every;
    private double sum;
    private int count;

    /** @param steps of the whole run */
    LossCurve(int steps) {
        this.every = Math.max(1, steps / POINTS);
    }

    /**
     * Adds a step.
     *
     * @param step counted from 1
     * @param dev null where it was not scored
     * @return whether it ended in a point
     */
    boolean add(int step, double loss, Double dev) {
        sum += loss;
        count++;
        if (step % every != 0 && dev == null) {
            return false;
        }
        points.add(new CurvePoint(step, sum / count, dev));
        sum = 0;
        count = 0;
        return true;
    }

    CurvePoint last() {
        return points.get(points.size() - 1);
    }

    List<CurvePoint> points() {
        return points;
    }
}
