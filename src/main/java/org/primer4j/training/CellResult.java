package org.primer4j.training;

import java.util.List;
import org.primer4j.Checks;

/**
 * How a cell of a grid went.
 *
 * @param devScore the best dev score over the run, in the metric's unit; null where the run diverged before the first one
 * @param undefined dev scores that have no value, as a correlation of constant predictions, and count as 0
 * @param diverged what was not finite and ended the run early, as a sentence; null for a run that went through
 * @param curve loss and dev score over the steps
 * @param seconds wall time
 */
public record CellResult(Double devScore, int undefined, String diverged, List<CurvePoint> curve, double seconds) {

    public CellResult {
        if (diverged == null || devScore != null) {
            Checks.finite("devScore", Checks.present("devScore", devScore));
        }
        Checks.notNegative("undefined", undefined);
        curve = Checks.list("curve", curve);
        Checks.duration("seconds", seconds);
    }

    /** Whether this cell is to be chosen rather than another, which may be null. */
    public boolean isBetterThan(CellResult other) {
        return devScore != null && (other == null || other.devScore == null || devScore > other.devScore);
    }
}
