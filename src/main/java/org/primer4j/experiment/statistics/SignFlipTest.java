package org.primer4j.experiment.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.primer4j.experiment.Checks;

/**
 * Two-sided sign-flip permutation test that paired differences are symmetric about 0 (Fisher 1935, The Design of
 * Experiments, section 21): how often a mean at least as far from 0 appears when each difference gets a random sign.
 * Exact up to {@link #MOST_EXACT} differences, by Monte Carlo beyond, the observed signs counted among the drawn ones
 * (Phipson and Smyth 2010).
 */
public final class SignFlipTest {

    /** 2^19 sums at most: the first sign is fixed by symmetry. */
    public static final int MOST_EXACT = 20;

    private static final int DRAWS = 100_000;

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

    private static double exact(double[] differences, double bound) {
        return Math.scalb((double) asFar(differences, 1, differences[0], bound), 1 - differences.length);
    }

    /** Number of sign patterns of the differences from {@code next} on whose total is at least {@code bound} from 0. */
    private static long asFar(double[] differences, int next, double sum, double bound) {
        if (next == differences.length) {
            return Math.abs(sum) >= bound ? 1 : 0;
        }
        return asFar(differences, next + 1, sum + differences[next], bound)
                + asFar(differences, next + 1, sum - differences[next], bound);
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
