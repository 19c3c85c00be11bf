package org.primer4j.experiment.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.primer4j.Checks;

/**
 * Two-sided sign-flip permutation test that paired differences are symmetric about 0 (Fisher 1935, The Design of
 * Experiments, section 21): how often a mean at least as far from 0 appears when each difference gets a random sign.
 * Exact up to {@link #MOST_EXACT} differences, by Monte Carlo beyond, the observed signs counted among the drawn ones
 * (Phipson and Smyth 2010).
 */
public final class SignFlipTest {

    /** Twice 2^10 sums at most: of each half of the differences. */
    public static final int MOST_EXACT = 20;

    private static final int DRAWS = 20_000;

    /** Sums that differ by rounding only count as equal. */
    private static final double ROUNDING = 1e-12;

    private SignFlipTest() {
    }

    /**
     * The p-value of {@code differences}, one a task; NaN for none.
     *
     * @param seed of the Monte Carlo draws
     * @throws IllegalArgumentException if a difference is not finite
     */
    public static double pValue(double[] differences, long seed) {
        for (double difference : differences) {
            Checks.finite("difference", difference);
        }
        if (differences.length == 0) {
            return Double.NaN;
        }
        double size = Arrays.stream(differences).map(Math::abs).sum();
        double bound = Math.abs(Arrays.stream(differences).sum()) - ROUNDING * size;
        return differences.length <= MOST_EXACT ? exact(differences, bound) : drawn(differences, bound, seed);
    }

    /** The smallest p-value that any {@code count} differences can have; NaN for none. */
    public static double smallestPValue(int count) {
        if (count == 0) {
            return Double.NaN;
        }
        return count <= MOST_EXACT ? Math.scalb(1.0, 1 - count) : 1 / (DRAWS + 1.0);
    }

    // As many sums are at most -bound as are at least bound.
    private static double exact(double[] differences, double bound) {
        int half = differences.length / 2;
        double[] first = sums(differences, 0, half);
        double[] second = sums(differences, half, differences.length);
        return bound <= 0 ? 1 : Math.scalb((double) pairsFrom(bound, first, second), 1 - differences.length);
    }

    /** The sums of the differences from {@code from} to before {@code to} under all patterns of signs, ascending. */
    private static double[] sums(double[] differences, int from, int to) {
        double[] sums = new double[1 << to - from];
        for (int i = from; i < to; i++) {
            int known = 1 << i - from;
            for (int j = 0; j < known; j++) {
                sums[known + j] = sums[j] - differences[i];
                sums[j] += differences[i];
            }
        }
        Arrays.sort(sums);
        return sums;
    }

    /** Number of pairs, one of each, whose sum is at least {@code bound}; both ascend. */
    private static long pairsFrom(double bound, double[] first, double[] second) {
        long pairs = 0;
        int least = second.length;
        for (double sum : first) {
            while (least > 0 && sum + second[least - 1] >= bound) {
                least--;
            }
            pairs += second.length - least;
        }
        return pairs;
    }

    private static double drawn(double[] differences, double bound, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int asFar = 1;
        for (int draw = 0; draw < DRAWS; draw++) {
            asFar += Math.abs(flipped(differences, random)) >= bound ? 1 : 0;
        }
        return asFar / (DRAWS + 1.0);
    }

    private static double flipped(double[] differences, SplittableRandom random) {
        double sum = 0;
        for (double difference : differences) {
            sum += random.nextBoolean() ? difference : -difference;
        }
        return sum;
    }
}
