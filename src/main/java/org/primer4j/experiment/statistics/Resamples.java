package org.primer4j.experiment.statistics;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.primer4j.Checks;
import org.primer4j.experiment.Bootstrap;

/**
 * The draws of a two-level bootstrap: tasks with replacement and, anew for each drawn task, its samples with replacement.
 * Every statistic that is given the same draws is paired with the others. Immutable, the same for the same seed.
 */
public final class Resamples {

    private final int tasks;
    private final int samples;
    private final int[][] drawnTasks;
    private final int[][][] drawnSamples;

    private Resamples(int tasks, int samples, int resamples) {
        this.tasks = tasks;
        this.samples = samples;
        drawnTasks = new int[resamples][tasks];
        drawnSamples = new int[resamples][tasks][samples];
    }

    /** {@link Bootstrap#RESAMPLES} draws of {@code tasks} tasks with {@code samples} samples each; there may be no task. */
    public static Resamples of(int tasks, int samples, long seed) {
        Checks.notNegative("tasks", tasks);
        Checks.between("samples", samples, 1, Integer.MAX_VALUE);
        Resamples drawn = new Resamples(tasks, samples, Bootstrap.RESAMPLES);
        SplittableRandom random = new SplittableRandom(seed);
        for (int resample = 0; resample < Bootstrap.RESAMPLES; resample++) {
            for (int position = 0; position < tasks; position++) {
                drawn.drawnTasks[resample][position] = random.nextInt(tasks);
                draw(drawn.drawnSamples[resample][position], random);
            }
        }
        return drawn;
    }

    private static void draw(int[] samples, SplittableRandom random) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextInt(samples.length);
        }
    }

    /** Each task's number from all its samples, undrawn. */
    public double[] values(TaskStatistic statistic) {
        int[] all = IntStream.range(0, samples).toArray();
        return IntStream.range(0, tasks).mapToDouble(task -> statistic.of(task, all)).toArray();
    }

    /** For each draw the mean over its tasks that have a finite number; NaN if none has. */
    public double[] means(TaskStatistic statistic) {
        return IntStream.range(0, drawnTasks.length).mapToDouble(resample -> mean(resample, statistic)).toArray();
    }

    private double mean(int resample, TaskStatistic statistic) {
        double sum = 0;
        int counted = 0;
        for (int position = 0; position < tasks; position++) {
            double value = statistic.of(drawnTasks[resample][position], drawnSamples[resample][position]);
            if (Double.isFinite(value)) {
                sum += value;
                counted++;
            }
        }
        return sum / counted;
    }
}
