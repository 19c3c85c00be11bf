package org.primer4j.verify;

/**
 * The distance between what the engine computed and a reference: {@code ||a - b|| / (||b|| + floor)} with Euclidean norms. The
 * floor is for gradients that are zero in exact arithmetic, such as a key bias's, where a purely relative error means
 * nothing; it is a thousandth of the norm of all gradients together.
 */
final class Comparison {

    /** Tolerances of float32 arithmetic against float64 references. */
    static final double LOSS = 2e-6;
    static final double ACTIVATIONS = 5e-6;
    static final double GRADIENTS = 2e-5;

    private static final double GROUP_SHARE = 1e-3;

    private Comparison() {}

    /**
     * The relative error.
     *
     * @param floor added to the reference's norm
     * @return NaN when a number is NaN or infinite on either side, so that no tolerance lets it pass
     */
    static double error(double[] actual, double[] expected, double floor) {
        if (actual.length != expected.length) {
            throw new IllegalArgumentException("computed " + actual.length + " numbers; expected " + expected.length + ".");
        }
        double difference = 0;
        for (int i = 0; i < actual.length; i++) {
            if (!Double.isFinite(actual[i]) || !Double.isFinite(expected[i])) {
                return Double.NaN;
            }
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        }
        return difference == 0 ? 0 : Math.sqrt(difference) / (Math.sqrt(squares(expected)) + floor);
    }

    /** The floor for a group of gradients. */
    static double floor(Iterable<double[]> group) {
        double sum = 0;
        for (double[] gradient : group) {
            sum += squares(gradient);
        }
        return GROUP_SHARE * Math.sqrt(sum);
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }
}
