package org.primer4j.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Bootstrap percentile interval of a mean (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13).
 * Resampling is over the values given, here one per task: the interval says how the mean would move with other tasks.
 */
public final class Bootstrap {

    public static final int RESAMPLES = 10_000;

    private Bootstrap() {
    }

    /**
     * The 95 % percentile interval of the mean of {@code values}, the same for the same seed.
     *
     * @return {@link Interval#UNDEFINED} for fewer than two values: one task says nothing about others
     * @throws IllegalArgumentException if a value is not finite
     */
    public static Interval interval95(double[] values, long seed) {
        for (double value : values) {
            Checks.finite("value", value);
        }
        if (values.length < 2) {
            return Interval.UNDEFINED;
        }
        double[] means = sortedMeans(values, new SplittableRandom(seed));
        return new Interval(quantile(means, 0.025), quantile(means, 0.975));
    }

    private static double[] sortedMeans(double[] values, SplittableRandom random) {
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            means[i] = resampledMean(values, random);
        }
        Arrays.sort(means);
        return means;
    }

    private static double resampledMean(double[] values, SplittableRandom random) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[random.nextInt(values.length)];
        }
        return sum / values.length;
    }

    /** Linear between the two nearest order statistics (type 7 of Hyndman and Fan 1996, as in R and NumPy). */
    public static double quantile(double[] sorted, double q) {
        double position = q * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
