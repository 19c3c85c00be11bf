package org.primer4j.experiment;

/** Quantiles of a sample, linear between the two nearest order statistics (type 7 of Hyndman and Fan 1996, as in R and NumPy). */
public final class Quantile {

    private Quantile() {
    }

    /**
     * The quantile {@code q}, in [0, 1], of {@code values}, which are reordered on the way and must be numbers: found by Hoare's selection
     * (Hoare 1961, Algorithm 65), as sorting would take most of the time of a bootstrap.
     */
    public static double of(double[] values, double q) {
        double position = q * (values.length - 1);
        int below = (int) Math.floor(position);
        select(values, below);
        return values[below] + (position - below) * (least(values, Math.min(below + 1, values.length - 1)) - values[below]);
    }

    private static double least(double[] values, int from) {
        double least = values[from];
        for (int i = from + 1; i < values.length; i++) {
            least = Math.min(least, values[i]);
        }
        return least;
    }

    /** Puts at {@code k} what a sort would, no larger values before it and no smaller ones behind. */
    private static void select(double[] values, int k) {
        int low = 0;
        int high = values.length - 1;
        while (low < high) {
            double pivot = values[k];
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    double swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            low = j < k ? i : low;
            high = k < i ? j : high;
        }
    }
}
