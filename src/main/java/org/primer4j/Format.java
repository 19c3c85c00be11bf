package org.primer4j;

import java.util.Locale;
import org.primer4j.experiment.Interval;

/** How numbers are written for people, the same in the terminal and in the HTML report. */
public final class Format {

    private Format() {
    }

    /** A score with three decimals, "-" if there is none. */
    public static String score(double score) {
        return Double.isNaN(score) ? "-" : String.format(Locale.ROOT, "%.3f", score);
    }

    /** A signed gain in percent, "+6.3 %"; "undefined" if there is none. */
    public static String gain(double percent) {
        return Double.isFinite(percent) ? signed(percent) + " %" : "undefined";
    }

    /** "+1.2 to +11.9 %". */
    public static String interval(Interval interval) {
        return interval.isDefined() ? signed(interval.low()) + " to " + signed(interval.high()) + " %" : "undefined";
    }

    /** A signed difference of scores, "+0.031"; "-" if there is none. */
    public static String difference(double difference) {
        return Double.isNaN(difference) ? "-" : signed(difference, "%+.3f");
    }

    /** "+0.010 to +0.052". */
    public static String differenceInterval(Interval interval) {
        return interval.isDefined() ? difference(interval.low()) + " to " + difference(interval.high()) : "undefined";
    }

    /** A p-value with three decimals, "<0.001" below; "-" if there is none. */
    public static String pValue(double pValue) {
        return pValue < 0.001 ? "<0.001" : score(pValue);
    }

    /** "0:43", "12:05", "1:02:05". */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        long hours = whole / 3600;
        String minutes = String.format(Locale.ROOT, hours > 0 ? "%02d:%02d" : "%d:%02d", whole / 60 % 60, whole % 60);
        return hours > 0 ? hours + ":" + minutes : minutes;
    }

    /** "1 task", "2 tasks". */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static String signed(double percent) {
        return signed(percent, "%+.1f");
    }

    private static String signed(double value, String format) {
        String text = String.format(Locale.ROOT, format, value);
        return text.matches("-[0.]+") ? text.replace('-', '+') : text;
    }
}
