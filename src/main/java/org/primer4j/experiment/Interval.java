package org.primer4j.experiment;

/**
 * A confidence interval, in the unit of what it was computed from; both ends NaN where nothing could be resampled.
 *
 * @param low  lower end
 * @param high upper end
 */
public record Interval(double low, double high) {

    /** The interval of no values. */
    public static final Interval UNDEFINED = new Interval(Double.NaN, Double.NaN);

    public boolean isDefined() {
        return !Double.isNaN(low) && !Double.isNaN(high);
    }
}
