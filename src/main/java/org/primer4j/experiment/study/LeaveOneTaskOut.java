package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;

/**
 * How much an ARG depends on single tasks: the ARG again with each task left out in turn (the jackknife's values: Efron and
 * Tibshirani 1993, An Introduction to the Bootstrap, chapter 11). One baseline near 0 can make an ARG alone; here it shows.
 *
 * @param range           least and greatest ARG with one task left out, in percent; {@link Interval#UNDEFINED} for fewer
 *                        than two tasks with a finite gain
 * @param mostInfluential the task whose omission changes the ARG most, the first of equals; null without a range
 * @param without         the ARG without that task: one end of the range; NaN without a range
 */
public record LeaveOneTaskOut(Interval range, String mostInfluential, double without) {

    private static final LeaveOneTaskOut UNDEFINED = new LeaveOneTaskOut(Interval.UNDEFINED, null, Double.NaN);

    /** Of {@code gains}, fractions, one a task; tasks whose gain is not finite have no part in an ARG. */
    static LeaveOneTaskOut of(List<String> tasks, double[] gains) {
        int[] counted = IntStream.range(0, gains.length).filter(task -> Double.isFinite(gains[task])).toArray();
        if (counted.length < 2) {
            return UNDEFINED;
        }
        double arg = mean(gains, counted, -1);
        double[] without = Arrays.stream(counted).mapToDouble(task -> mean(gains, counted, task)).toArray();
        int most = 0;
        for (int i = 1; i < without.length; i++) {
            most = Math.abs(without[i] - arg) > Math.abs(without[most] - arg) ? i : most;
        }
        Interval range = new Interval(Arrays.stream(without).min().orElseThrow(), Arrays.stream(without).max().orElseThrow());
        return new LeaveOneTaskOut(range, tasks.get(counted[most]), without[most]);
    }

    /** In percent. */
    private static double mean(double[] gains, int[] counted, int leftOut) {
        return 100 * Arg.mean(Arrays.stream(counted).filter(task -> task != leftOut).mapToDouble(task -> gains[task]).toArray());
    }
}
