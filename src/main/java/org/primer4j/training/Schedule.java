package org.primer4j.training;

/**
 * A learning rate that rises linearly from 0 over the warm-up and falls linearly to 0 at the end.
 *
 * @param peak highest rate
 * @param warmup steps of the rise
 * @param steps of the whole run
 */
public record Schedule(double peak, int warmup, int steps) {

    /** @throws IllegalArgumentException when the peak is not above 0, or the warm-up not within the steps */
    public Schedule {
        if (!(peak > 0) || warmup < 0 || steps < 1 || warmup > steps) {
            throw new IllegalArgumentException("a schedule needs a peak > 0 and 0 <= warmup <= steps, not peak " + peak + ", warmup " + warmup
                + ", steps " + steps);
        }
    }

    /** The rate of step {@code step}, counted from 0. */
    public double rate(int step) {
        if (step < warmup) {
            return peak * step / warmup;
        }
        return warmup == steps ? peak : peak * Math.max(0, steps - step) / (steps - warmup);
    }
}
