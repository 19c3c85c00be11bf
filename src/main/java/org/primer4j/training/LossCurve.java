package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;

/** Mean losses over the steps: at most so many points, the last step's among them, and one wherever dev was scored. */
public final class LossCurve {

    private final List<CurvePoint> points = new ArrayList<>();
    private final int steps;
    private final int every;
    private double sum;
    private int count;

    /**
     * @param steps of the whole run
     * @param most  number of points, those where dev is scored not counted
     */
    public LossCurve(int steps, int most) {
        this.steps = steps;
        this.every = Math.max(1, (steps + most - 1) / most);
    }

    /**
     * Adds a step.
     *
     * @param step counted from 1
     * @param dev  null where it was not scored
     * @return whether it ended in a point
     */
    public boolean add(int step, double loss, Double dev) {
        sum += loss;
        count++;
        if (step % every != 0 && step != steps && dev == null) {
            return false;
        }
        points.add(new CurvePoint(step, sum / count, dev));
        sum = 0;
        count = 0;
        return true;
    }

    public CurvePoint last() {
        return points.get(points.size() - 1);
    }

    public List<CurvePoint> points() {
        return points;
    }
}
