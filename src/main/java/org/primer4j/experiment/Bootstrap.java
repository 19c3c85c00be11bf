package org.primer4j.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.primer4j.Checks;

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
        return Draws.of(values.length, seed).interval95(values);
    }

    /**
     * The draws for a number of values, to be used for several lists of values.
     *
     * @param count   the number of values
     * @param indices {@link #RESAMPLES} times as many indices of values
     */
    public record Draws(int count, int[] indices) {

        /** The same for the same seed; none for fewer than two values. */
        public static Draws of(int count, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] indices = new int[count < 2 ? 0 : RESAMPLES * count];
            Arrays.setAll(indices, i -> random.nextInt(count));
            return new Draws(count, indices);
        }

        /** As {@link Bootstrap#interval95(double[], long)}. */
        public Interval interval95(double[] values) {
            Checks.between("number of values", values.length, count, count);
            for (double value : values) {
                Checks.finite("value", value);
            }
            if (count < 2) {
                return Interval.UNDEFINED;
            }
            double[] means = new double[RESAMPLES];
            Arrays.setAll(means, resample -> mean(values, resample * count));
            return percentiles95(means);
        }

        private double mean(double[] values, int start) {
            double sum = 0;
            for (int i = start; i < start + count; i++) {
                sum += values[indices[i]];
            }
            return sum / count;
        }
    }

    /** The 95 % percentile interval of what was computed of each resample, which is reordered on the way. */
    public static Interval percentiles95(double[] resampled) {
        return new Interval(Quantile.of(resampled, 0.025), Quantile.of(resampled, 0.975));
    }
}
