package org.primer4j.training;

import org.primer4j.Checks;

/**
 * One point of a training curve.
 *
 * @param step optimizer steps done, from 0
 * @param loss mean training loss since the last point, in nats
 * @param dev  dev score after this step in the task's metric, null where dev was not scored
 */
public record CurvePoint(int step, double loss, Double dev) {

    public CurvePoint {
        Checks.notNegative("step", step);
        Checks.finite("loss", loss);
        if (dev != null) {
            Checks.finite("dev", dev);
        }
    }
}
