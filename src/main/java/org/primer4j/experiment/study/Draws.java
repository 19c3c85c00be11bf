package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.statistics.HierarchicalBootstrap;
import org.primer4j.experiment.statistics.Resamples;
import org.primer4j.experiment.statistics.SignFlipTest;
import org.primer4j.experiment.statistics.TaskStatistic;

/** The seeded resamples of one study, drawn once for each number of tasks, and the inference that uses them. */
final class Draws {

    private final int samples;
    private final long seed;
    private final Map<Integer, Resamples> byTasks = new HashMap<>();

    Draws(StudyManifest manifest) {
        samples = manifest.samples().size();
        seed = manifest.seed();
    }

    /** Each task's value from all samples. */
    double[] values(int tasks, TaskStatistic statistic) {
        return resamples(tasks).values(statistic);
    }

    /** The interval of the mean over the tasks whose value is finite. */
    Interval interval(int tasks, TaskStatistic statistic) {
        double[] values = values(tasks, statistic);
        int[] finite = finite(values);
        return HierarchicalBootstrap.interval95(resamples(finite.length), (task, drawn) -> statistic.of(finite[task], drawn));
    }

    /** The mean over the tasks whose value is finite, its interval and p-value; not adjusted yet. */
    Difference difference(int tasks, TaskStatistic statistic) {
        double[] finite = Arrays.stream(values(tasks, statistic)).filter(Double::isFinite).toArray();
        double pValue = SignFlipTest.pValue(finite, seed);
        return new Difference(Arg.mean(finite), interval(tasks, statistic), finite.length, pValue, pValue);
    }

    private static int[] finite(double[] values) {
        return IntStream.range(0, values.length).filter(i -> Double.isFinite(values[i])).toArray();
    }

    private Resamples resamples(int tasks) {
        return byTasks.computeIfAbsent(tasks, count -> Resamples.of(count, samples, seed));
    }
}
