package org.primer4j.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;

class ReplicatesTest {

    private static final long SEED = 11;

    private static TaskStatistic mean(double[][] scores) {
        return (task, samples) -> Arrays.stream(samples).mapToDouble(sample -> scores[task][sample]).average().orElseThrow();
    }

    private static Interval interval(int tasks, int samples, long seed, TaskStatistic statistic) {
        return Replicates.of(tasks, count -> Resamples.of(count, samples, seed), statistic).interval95();
    }

    /** The mean of 14 tasks with 2 noisy samples each, as in a small study, lies in the interval about 95 times of 100. */
    @Test
    void coversTheTrueMeanAsOftenAsItSays() {
        Random random = new Random(SEED);
        Resamples resamples = Resamples.of(14, 2, SEED);
        int covered = 0;
        int studies = 300;
        for (int study = 0; study < studies; study++) {
            Interval interval = Replicates.of(14, count -> resamples, mean(scores(random, 0.03))).interval95();
            covered += interval.low() <= 0.03 && 0.03 <= interval.high() ? 1 : 0;
        }
        double coverage = (double) covered / studies;
        assertTrue(0.91 <= coverage && coverage <= 0.985, "coverage " + coverage + " with seed " + SEED);
    }

    private static double[][] scores(Random random, double mean) {
        double[][] scores = new double[14][2];
        for (double[] task : scores) {
            double effect = mean + 0.1 * random.nextGaussian();
            Arrays.setAll(task, sample -> effect + 0.05 * random.nextGaussian());
        }
        return scores;
    }

    @Test
    void isTheBootstrapOverTasksForOneSample() {
        double[] values = {-3, 14, 4, 1, 7, -36, 2, 9, 11, 0.5};
        Interval one = interval(values.length, 1, SEED, (task, samples) -> values[task]);
        Interval plain = Bootstrap.interval95(values, SEED);
        assertEquals(plain.low(), one.low(), 0.4);
        assertEquals(plain.high(), one.high(), 0.3);
    }

    @Test
    void noiseBetweenSamplesWidensIt() {
        double[][] quiet = {{1, 1}, {2, 2}, {3, 3}, {4, 4}};
        double[][] noisy = {{-1, 3}, {0, 4}, {1, 5}, {2, 6}};
        Interval narrow = interval(4, 2, SEED, mean(quiet));
        Interval wide = interval(4, 2, SEED, mean(noisy));
        assertTrue(wide.low() < narrow.low() && narrow.high() < wide.high(), narrow + " " + wide);
    }

    @Test
    void theSameSeedIsTheSameInterval() {
        double[][] scores = scores(new Random(SEED), 0);
        assertEquals(interval(14, 2, 5, mean(scores)),
            interval(14, 2, 5, mean(scores)));
        assertFalse(interval(14, 2, 5, mean(scores))
            .equals(interval(14, 2, 6, mean(scores))));
    }

    @Test
    void oneTaskHasNone() {
        assertFalse(interval(1, 2, SEED, (task, samples) -> 1).isDefined());
        assertFalse(interval(0, 2, SEED, (task, samples) -> 1).isDefined());
    }

    @Test
    void aTaskWithoutAValueDoesNotCount() {
        TaskStatistic three = (task, samples) -> task == 1 ? Double.POSITIVE_INFINITY : task;
        TaskStatistic two = (task, samples) -> 2 * task;
        assertEquals(interval(2, 2, SEED, two), interval(3, 2, SEED, three));
        assertFalse(interval(2, 2, SEED, three).isDefined());
    }

    /** Two tasks of two samples, one of them 0 in each: in some draws no task has a value. */
    @Test
    void isUndefinedIfADrawHasNoValue() {
        double[][] baseline = {{0, 1}, {0, 1}};
        assertFalse(interval(2, 2, SEED, (task, samples) -> 1 / mean(baseline).of(task, samples)).isDefined());
    }

    @Test
    void aSumIsThatOfTheStatistic() {
        double[][] first = scores(new Random(SEED), 0.1);
        double[][] second = scores(new Random(SEED + 1), 0.2);
        Resamples resamples = Resamples.of(14, 2, SEED);
        Replicates sum = Replicates.sum(List.of(Replicates.of(14, count -> resamples, mean(first)),
            Replicates.of(14, count -> resamples, mean(second))), new double[] {2, -1});
        Replicates direct = Replicates.of(14, count -> resamples,
            (task, samples) -> 2 * mean(first).of(task, samples) - mean(second).of(task, samples));
        assertEquals(direct.interval95().low(), sum.interval95().low(), 1e-14);
        assertEquals(direct.interval95().high(), sum.interval95().high(), 1e-14);
        assertArrayEquals(direct.values(), sum.values(), 1e-14);
    }
}
