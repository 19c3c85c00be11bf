package org.primer4j.graph;

/** Compares tensors as wholes: {@code ||a - b|| / (||b|| + 1e-3 group)}. */
public final class RelativeError {

    private static final double GROUP_SHARE = 1e-3;

    private RelativeError() {}

    /** Euclidean length. */
    public static double norm(double[] x) {
        double sum = 0;
        for (double v : x) {
            sum += v * v;
        }
        return Math.sqrt(sum);
    }

    /**
     * The error of {@code actual}; NaN when a number is NaN or infinite, 0 when both are zero.
     *
     * @param group length of all tensors that belong together, so that one that is zero but for rounding is not blown up
     */
    public static double of(double[] actual, double[] expected, double group) {
        if (actual.length != expected.length) {
            throw new IllegalArgumentException(actual.length + " numbers are compared with " + expected.length);
        }
        double squares = 0;
        for (int i = 0; i < actual.length; i++) {
            squares += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        }
        return squares == 0 ? 0 : Math.sqrt(squares) / (norm(expected) + GROUP_SHARE * group);
    }

    /** Throws unless the error is at most {@code rtol}; NaN never is. */
    public static void assertClose(String what, double[] actual, double[] expected, double rtol, double group) {
        double error = of(actual, expected, group);
        if (!(error <= rtol)) {
            throw new AssertionError(what + ": relative error " + error + " exceeds " + rtol + " (||expected|| = " + norm(expected)
                + ", group " + group + ", first difference at " + firstDifference(actual, expected) + ")");
        }
    }

    private static String firstDifference(double[] actual, double[] expected) {
        double scale = norm(expected) / Math.sqrt(Math.max(1, expected.length));
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= 1e-4 * scale)) {
                return "[" + i + "] of " + actual.length + ": " + actual[i] + " instead of " + expected[i];
            }
        }
        return "no place by much";
    }
}
