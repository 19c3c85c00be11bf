package org.primer4j.experiment.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;

/**
 * A mean over tasks whose values are themselves means over few-shot samples, and what it would have been in each resample
 * of tasks and, within each drawn task, of its samples (Davison and Hinkley 1997, Bootstrap Methods and their Application,
 * section 3.8). The interval says how the mean would move with other tasks and other samples. Drawing at both levels
 * counts the samples' noise a little twice, since the spread between tasks has it already; this makes up for the
 * percentile interval being too short with few tasks. With one sample a task it is the bootstrap over tasks.
 */
public final class Replicates {

    private final double[] values;
    private final double[] means;

    private Replicates(double[] values, double[] means) {
        this.values = values;
        this.means = means;
    }

    /**
     * The replicates of {@code statistic} over the tasks where it is finite.
     *
     * @param tasks     number of tasks, those without a finite value too
     * @param resamples the draws for a number of tasks
     */
    public static Replicates of(int tasks, IntFunction<Resamples> resamples, TaskStatistic statistic) {
        double[] values = resamples.apply(tasks).values(statistic);
        int[] finite = IntStream.range(0, tasks).filter(task -> Double.isFinite(values[task])).toArray();
        return new Replicates(values,
                resamples.apply(finite.length).means((task, samples) -> statistic.of(finite[task], samples)));
    }

    /**
     * The weighted sum, task by task and draw by draw. The terms must come from the same resamples and be finite for the
     * same tasks and samples, as gains over the same baseline are: then the mean of the sum is the sum of the means.
     */
    public static Replicates sum(List<Replicates> terms, double[] weights) {
        Replicates sum = new Replicates(new double[terms.get(0).values.length], new double[terms.get(0).means.length]);
        for (int i = 0; i < weights.length; i++) {
            add(sum.values, weights[i], terms.get(i).values);
            add(sum.means, weights[i], terms.get(i).means);
        }
        return sum;
    }

    private static void add(double[] sum, double weight, double[] term) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * term[i];
        }
    }

    /** Each task's value, NaN or infinite where it has none. */
    public double[] values() {
        return values.clone();
    }

    /** The finite values. */
    public double[] finite() {
        return Arrays.stream(values).filter(Double::isFinite).toArray();
    }

    /**
     * The 95 % percentile interval of the mean of the finite values; {@link Interval#UNDEFINED} for fewer than two of
     * them, or if a resample has none.
     */
    public Interval interval95() {
        if (finite().length < 2 || Arrays.stream(means).anyMatch(Double::isNaN)) {
            return Interval.UNDEFINED;
        }
        return Bootstrap.percentiles95(means.clone());
    }
}
