package org.primer4j.experiment;

import java.util.List;

/**
 * How a cell of a grid went.
 *
 * @param devScore the best dev score over the run, in the metric's unit
 * @param undefined dev scores that have no value, as a correlation of constant predictions, and count as 0
 * @param curve loss and dev score over the steps
 * @param seconds wall time
 */
public record CellResult(double devScore, int undefined, List<CurvePoint> curve, double seconds) {

    public CellResult {
        Checks.finite("devScore", devScore);
        Checks.notNegative("undefined", undefined);
        curve = Checks.list("curve", curve);
        Checks.duration("seconds", seconds);
    }
}
