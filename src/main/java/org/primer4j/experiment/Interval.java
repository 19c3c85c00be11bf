package org.primer4j.experiment;

/**
 * An interval, mostly a confidence interval, in the unit of what it was computed from; both ends NaN where there were too few values.
 *
 * @param low  lower end
 * @param high upper end
 */
public record Interval(double low, double high) {

    /** The interval of too few values. */
    public static final Interval UNDEFINED = new Interval(Double.NaN, Double.NaN);

    public boolean isDefined() {
        return !Double.isNaN(low) && !Double.isNaN(high);
    }

    /** Whether it is defined and does not contain {@code value}. */
    public boolean excludes(double value) {
        return isDefined() && (low > value || high < value);
    }
}
