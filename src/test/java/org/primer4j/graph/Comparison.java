package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.Map;

/** Compares an op's float32 results with those in float64: its value y, and what follows from it, whose names begin with {@code d_}. */
record Comparison(OpCase op, String name) {

    private static final double EXACT_ZERO = 1e-12;
    private static final double ROUNDING = 1e-6;

    void check(String how, Map<String, double[]> actual, Map<String, double[]> expected) {
        check(how, actual, expected, group(expected));
    }

    /** @param group length of all gradients together, to which one that nearly vanishes is compared */
    void check(String how, Map<String, double[]> actual, Map<String, double[]> expected, double group) {
        expected.forEach((key, value) -> {
            if (key.equals("y")) {
                assertClose(name + ", " + how + ": y", actual.get(key), value, op.forward(), 0);
            } else if (key.startsWith("d_") && norm(value) < EXACT_ZERO * group) {
                // What cancels exactly in float64 leaves float32 roundings of the terms that cancel.
                assertTrue(norm(actual.get(key)) <= ROUNDING * group, name + ", " + how + ": " + key + " is to vanish beside " + group);
            } else if (key.startsWith("d_")) {
                assertClose(name + ", " + how + ": " + key, actual.get(key), value, op.gradient(), group);
            }
        });
    }

    /** Length of all gradients together. */
    static double group(Map<String, double[]> results) {
        double squares = results.entrySet().stream().filter(e -> e.getKey().startsWith("d_")).mapToDouble(e -> Math.pow(norm(e.getValue()), 2)).sum();
        return Math.sqrt(squares);
    }
}
