package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * A linear axis with round ticks.
 *
 * @param low  value at 0 %
 * @param high value at 100 %
 * @param step distance of ticks; {@code low} and {@code high} are multiples of it
 */
record Axis(double low, double high, double step) {

    private static final int TICKS = 4;

    /** The axis around {@code values}, widened to round ticks; 0 to 1 if there are none. */
    static Axis around(DoubleStream values) {
        var statistics = values.filter(Double::isFinite).summaryStatistics();
        if (statistics.getCount() == 0) {
            return new Axis(0, 1, 0.25);
        }
        double low = statistics.getMin();
        double high = statistics.getMax();
        double step = roundStep(high > low ? (high - low) / TICKS : Math.max(Math.abs(high), 1) / TICKS);
        double floor = step * Math.floor(low / step);
        double ceiling = step * Math.ceil(high / step);
        return new Axis(floor, ceiling > floor ? ceiling : floor + step, step);
    }

    /** Position of {@code value} in percent of the axis. */
    double percent(double value) {
        return 100 * (value - low) / (high - low);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (long i = 0; i <= Math.round((high - low) / step); i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    /** A tick's text with as many decimals as the step needs. */
    String label(double tick) {
        int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
        if (decimals > 0 && Math.abs(step * Math.pow(10, decimals) % 1) > 1e-6) {
            decimals++;
        }
        return decimals > 6 || Math.abs(tick) >= 1e9 ? String.format(Locale.ROOT, "%.3g", tick)
                : String.format(Locale.ROOT, "%." + decimals + "f", tick == 0 ? 0.0 : tick);
    }

    /** The next of 1, 2, 5 times a power of ten. */
    private static double roundStep(double raw) {
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double digit = raw / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
