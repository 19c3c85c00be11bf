package org.primer4j.training;

import java.util.List;
import org.primer4j.experiment.CurvePoint;
import org.primer4j.training.TuningSettings.Trial;

/**
 * A finished cell of a grid.
 *
 * @param devScore the best over the run
 * @param undefined dev scores that have no value, such as a correlation of constant predictions, and count as 0
 * @param curve loss and dev score over the steps
 * @param seconds wall time
 */
public record CellRun(Trial trial, double devScore, int undefined, List<CurvePoint> curve, double seconds) {

    public CellRun {
        curve = List.copyOf(curve);
    }
}
