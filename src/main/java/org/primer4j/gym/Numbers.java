package org.primer4j.gym;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Texts that are numbers, and their correlation. */
final class Numbers {

    private static final String DIGITS = "\\d+(?:_\\d+)*";
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:" + DIGITS + "(?:\\.(?:" + DIGITS + ")?)?|\\." + DIGITS + ")(?:[eE][+-]?" + DIGITS + ")?");

    private Numbers() {
    }

    /** The finite number that a text is, white space around it aside, in the notation of Python's float; else NaN. */
    static double parse(String text) {
        String stripped = Answers.stripped(text);
        if (!NUMBER.matcher(stripped).matches()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(stripped.replace("_", ""));
        return Double.isFinite(value) ? value : Double.NaN;
    }

    static double[] parse(List<String> texts) {
        return texts.stream().mapToDouble(Numbers::parse).toArray();
    }

    /** Pearson's correlation, in [-1, 1]; NaN if a value is NaN or a side is constant. */
    static double correlation(double[] x, double[] y) {
        if (isConstant(x) || isConstant(y)) {
            return Double.NaN;
        }
        double[] unitX = unit(x);
        double[] unitY = unit(y);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += unitX[i] * unitY[i];
        }
        return Math.max(-1, Math.min(1, sum));
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    /** The deviations from the mean, as a vector of length 1; first scaled by the largest, whose square may overflow. */
    private static double[] unit(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double largest = Arrays.stream(values).map(value -> Math.abs(value - mean)).max().orElseThrow();
        double[] scaled = Arrays.stream(values).map(value -> (value - mean) / largest).toArray();
        double norm = Math.sqrt(Arrays.stream(scaled).map(value -> value * value).sum());
        return Arrays.stream(scaled).map(value -> value / norm).toArray();
    }
}
