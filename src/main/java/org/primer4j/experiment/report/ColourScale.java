package org.primer4j.experiment.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * A diverging scale of colours around 0 in equal steps, its last step open. Its colours, orange below and blue above,
 * stay apart under the common colour blindnesses; they are the style sheet's classes {@code level-4} to {@code level4}.
 *
 * @param step width of a level, a round number in the values' unit
 */
record ColourScale(double step) {

    static final int LEVELS = 4;

    /**
     * The scale of {@code values}, those that are not finite left out. Four of five values lie below the open step, so that
     * one outlier does not pale the rest.
     */
    static ColourScale of(DoubleStream values) {
        double[] sizes = values.filter(Double::isFinite).map(Math::abs).sorted().toArray();
        double most = sizes.length == 0 ? 1 : sizes[(int) Math.floor(0.8 * (sizes.length - 1))];
        return new ColourScale(roundUp(Math.max(most, 1e-3) / (LEVELS - 1)));
    }

    /** To one digit, of 6 or more to the next power of ten. */
    private static double roundUp(double raw) {
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double digit = Math.ceil(raw / power - 1e-9);
        return power * (digit <= 5 ? digit : 10);
    }

    /** The level of {@code value}, -{@link #LEVELS} to {@link #LEVELS}; 0 for 0 and for what is not a number. */
    int level(double value) {
        if (Double.isNaN(value)) {
            return 0;
        }
        double level = Math.signum(value) * Math.ceil(Math.abs(value) / step);
        return (int) Math.max(-LEVELS, Math.min(LEVELS, level));
    }

    /** The CSS class of {@code value}. */
    String style(double value) {
        return style(level(value));
    }

    static String style(int level) {
        return "level" + level;
    }

    /** The levels' inner edges, from low to high: one fewer than there are coloured levels. */
    double[] edges() {
        double[] edges = new double[2 * LEVELS - 1];
        Arrays.setAll(edges, i -> (i - LEVELS + 1) * step);
        return edges;
    }
}
