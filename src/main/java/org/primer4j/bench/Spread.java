package org.primer4j.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Summaries of times. */
final class Spread {

    private static final int DECIMALS = 3;

    private Spread() {}

    /** Median, min and max, rounded to 3 decimals. */
    static Map<String, Double> of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        Map<String, Double> spread = new LinkedHashMap<>();
        spread.put("median", round(median, DECIMALS));
        spread.put("min", round(sorted[0], DECIMALS));
        spread.put("max", round(sorted[sorted.length - 1], DECIMALS));
        return spread;
    }

    static double round(double value, int decimals) {
        double power = Math.pow(10, decimals);
        return Math.round(value * power) / power;
    }
}
