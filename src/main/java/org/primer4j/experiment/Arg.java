package org.primer4j.experiment;

import java.util.Arrays;

/**
 * Average relative gain: the mean over tasks of (after - before) / before, in percent (Ye et al. 2021, CrossFit,
 * section 4.3). A relative gain flatters a weak baseline and has no value for a baseline of 0: show absolute scores
 * beside it. A negative baseline, possible with a correlation, turns its sign round; it is kept, as defined.
 *
 * @param strict            the mean over all tasks: NaN or infinite if one gain is, NaN for no tasks
 * @param skippingUndefined the mean over the tasks whose gain is finite, NaN if there are none
 * @param counted           number of tasks in {@code skippingUndefined}
 * @param skipped           number of tasks left out of it
 * @param interval          95 % bootstrap interval of {@code skippingUndefined} over tasks, in percent; in a study over samples too
 */
public record Arg(double strict, double skippingUndefined, int counted, int skipped, Interval interval) {

    /**
     * The average relative gain from {@code before[i]} to {@code after[i]}, one score a task.
     *
     * @param seed the bootstrap's seed
     * @throws IllegalArgumentException if the lengths differ
     */
    public static Arg of(double[] before, double[] after, long seed) {
        double[] gains = relativeGains(before, after);
        double[] percent = Arrays.stream(gains).filter(Double::isFinite).map(gain -> 100 * gain).toArray();
        return ofGains(gains, Bootstrap.interval95(percent, seed));
    }

    /** The mean of {@code gains}, fractions, one a task, with an interval in percent that was computed elsewhere. */
    public static Arg ofGains(double[] gains, Interval interval) {
        double[] finite = Arrays.stream(gains).filter(Double::isFinite).toArray();
        return new Arg(100 * mean(gains), 100 * mean(finite), finite.length, gains.length - finite.length, interval);
    }

    /** (after - before) / before for each task, as a fraction; NaN or infinite for a baseline of 0. */
    public static double[] relativeGains(double[] before, double[] after) {
        if (before.length != after.length) {
            throw new IllegalArgumentException("%d scores before and %d after, expected as many"
                    .formatted(before.length, after.length));
        }
        double[] gains = new double[before.length];
        for (int i = 0; i < gains.length; i++) {
            gains[i] = (after[i] - before[i]) / before[i];
        }
        return gains;
    }

    /** The arithmetic mean, NaN for no values. */
    public static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
