package org.primer4j.experiment.report;

import java.util.Locale;
import org.primer4j.experiment.Interval;

/** How a study's report writes numbers that {@link org.primer4j.experiment.Format} does not. */
final class Numbers {

    private Numbers() {
    }

    /** A difference of scores, "+0.031"; "undefined" if there is none. */
    static String difference(double difference) {
        return Double.isFinite(difference) ? signed("%+.3f", difference) : "undefined";
    }

    /** "+0.010 to +0.052". */
    static String differences(Interval interval) {
        return interval.isDefined() ? difference(interval.low()) + " to " + difference(interval.high()) : "undefined";
    }

    /** Percentage points, "+3.1"; "undefined" if there are none. */
    static String points(double points) {
        return Double.isFinite(points) ? signed("%+.1f", points) : "undefined";
    }

    /** "+1.0 to +5.2". */
    static String points(Interval interval) {
        return interval.isDefined() ? points(interval.low()) + " to " + points(interval.high()) : "undefined";
    }

    /** A p-value, "0.012" or "< 0.001"; "-" if there is none. */
    static String pValue(double pValue) {
        return Double.isNaN(pValue) ? "-" : pValue < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", pValue);
    }

    /** Whether {@code interval} leaves 0 out. */
    static boolean leavesOutZero(Interval interval) {
        return interval.isDefined() && (interval.low() > 0 || interval.high() < 0);
    }

    private static String signed(String format, double value) {
        String text = String.format(Locale.ROOT, format, value);
        return text.matches("-0\\.0+") ? text.replace('-', '+') : text;
    }
}
