package org.primer4j.experiment.statistics;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;

/**
 * Percentile interval of a mean over tasks whose values are themselves means over few-shot samples: tasks are resampled,
 * and within each drawn task its samples (Davison and Hinkley 1997, Bootstrap Methods and their Application, section
 * 3.8). It says how the mean would move with other tasks and other samples. Drawing at both levels counts the samples'
 * noise a little twice, since the spread between tasks has it already; this makes up for the percentile interval being
 * too short with few tasks. With one sample a task it is the bootstrap over tasks.
 */
public final class HierarchicalBootstrap {

    private HierarchicalBootstrap() {
    }

    /**
     * The 95 % interval of the mean of {@code statistic} over the tasks where it is finite.
     *
     * @return {@link Interval#UNDEFINED} for fewer than two tasks, or if a resample has no task with a finite value
     */
    public static Interval interval95(Resamples resamples, TaskStatistic statistic) {
        if (resamples.tasks() < 2) {
            return Interval.UNDEFINED;
        }
        double[] means = IntStream.range(0, resamples.count())
                .mapToDouble(resample -> resamples.mean(resample, statistic)).toArray();
        if (Arrays.stream(means).anyMatch(Double::isNaN)) {
            return Interval.UNDEFINED;
        }
        Arrays.sort(means);
        return new Interval(Bootstrap.quantile(means, 0.025), Bootstrap.quantile(means, 0.975));
    }
}
