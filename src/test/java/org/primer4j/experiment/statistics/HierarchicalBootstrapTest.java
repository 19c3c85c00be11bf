package org.primer4j.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;

class HierarchicalBootstrapTest {

    private static final long SEED = 11;

    private static TaskStatistic mean(double[][] scores) {
        return (task, samples) -> Arrays.stream(samples).mapToDouble(sample -> scores[task][sample]).average().orElseThrow();
    }

    /** The mean of 14 tasks with 2 noisy samples each, as in a small study, lies in the interval about 95 times of 100. */
    @Test
    void coversTheTrueMeanAsOftenAsItSays() {
        Random random = new Random(SEED);
        Resamples resamples = Resamples.of(14, 2, SEED);
        int covered = 0;
        int studies = 300;
        for (int study = 0; study < studies; study++) {
            Interval interval = HierarchicalBootstrap.interval95(resamples, mean(scores(random, 0.03)));
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
        Interval one = HierarchicalBootstrap.interval95(Resamples.of(values.length, 1, SEED), (task, samples) -> values[task]);
        Interval plain = Bootstrap.interval95(values, SEED);
        assertEquals(plain.low(), one.low(), 0.4);
        assertEquals(plain.high(), one.high(), 0.3);
    }

    @Test
    void noiseBetweenSamplesWidensIt() {
        double[][] quiet = {{1, 1}, {2, 2}, {3, 3}, {4, 4}};
        double[][] noisy = {{-1, 3}, {0, 4}, {1, 5}, {2, 6}};
        Resamples resamples = Resamples.of(4, 2, SEED);
        Interval narrow = HierarchicalBootstrap.interval95(resamples, mean(quiet));
        Interval wide = HierarchicalBootstrap.interval95(resamples, mean(noisy));
        assertTrue(wide.low() < narrow.low() && narrow.high() < wide.high(), narrow + " " + wide);
    }

    @Test
    void theSameSeedIsTheSameInterval() {
        double[][] scores = scores(new Random(SEED), 0);
        assertEquals(HierarchicalBootstrap.interval95(Resamples.of(14, 2, 5), mean(scores)),
            HierarchicalBootstrap.interval95(Resamples.of(14, 2, 5), mean(scores)));
        assertFalse(HierarchicalBootstrap.interval95(Resamples.of(14, 2, 5), mean(scores))
            .equals(HierarchicalBootstrap.interval95(Resamples.of(14, 2, 6), mean(scores))));
    }

    @Test
    void oneTaskOrATaskWithoutAValueHasNone() {
        assertFalse(HierarchicalBootstrap.interval95(Resamples.of(1, 2, SEED), (task, samples) -> 1).isDefined());
        assertFalse(HierarchicalBootstrap.interval95(Resamples.of(0, 2, SEED), (task, samples) -> 1).isDefined());
        assertFalse(HierarchicalBootstrap.interval95(Resamples.of(2, 2, SEED),
            (task, samples) -> task == 0 ? Double.POSITIVE_INFINITY : 1).isDefined());
    }
}
