package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ArgTest {

    private static final Path GOLDEN = Path.of("../shared/golden/metrics/metrics.json");

    @Test
    void agreesWithTheGoldenCases() throws IOException {
        assumeTrue(Files.exists(GOLDEN));
        JsonNode cases = new ObjectMapper().readTree(GOLDEN.toFile()).get("arg");
        assertTrue(cases.size() >= 10, "few cases: " + cases.size());
        for (JsonNode golden : cases) {
            assertAgrees(golden);
        }
    }

    private static void assertAgrees(JsonNode golden) {
        Arg arg = Arg.of(doubles(golden.get("before")), doubles(golden.get("after")), 1);
        String name = golden.get("name").asText();
        assertClose(number(golden.get("arg_strict")), arg.strict(), name);
        assertClose(number(golden.get("arg_skip_undefined")), arg.skippingUndefined(), name);
        assertEquals(golden.get("tasks_counted").asInt(), arg.counted(), name);
        assertEquals(golden.get("before").size() - arg.counted(), arg.skipped(), name);
    }

    private static void assertClose(double expected, double found, String name) {
        double scale = Double.isFinite(expected) ? Math.max(1, Math.abs(expected)) : 1;
        assertEquals(expected, found, 1e-12 * scale, name);
    }

    private static double[] doubles(JsonNode array) {
        double[] numbers = new double[array.size()];
        Arrays.setAll(numbers, i -> number(array.get(i)));
        return numbers;
    }

    private static double number(JsonNode node) {
        return node.isTextual() ? Double.parseDouble(node.asText()) : node.asDouble();
    }

    @Test
    void isTheMeanOfRelativeGains() {
        Arg arg = Arg.of(new double[] {0.5, 0.25}, new double[] {0.75, 0.25}, 1);
        assertEquals(25, arg.strict(), 1e-12);
        assertEquals(25, arg.skippingUndefined(), 1e-12);
        assertEquals(2, arg.counted());
    }

    @Test
    void skipsAZeroBaselineAndSaysSo() {
        Arg arg = Arg.of(new double[] {0, 0.5}, new double[] {0.3, 0.6}, 1);
        assertEquals(Double.POSITIVE_INFINITY, arg.strict());
        assertEquals(20, arg.skippingUndefined(), 1e-12);
        assertEquals(1, arg.skipped());
    }

    @Test
    void isUndefinedForNoTasks() {
        Arg arg = Arg.of(new double[0], new double[0], 1);
        assertTrue(Double.isNaN(arg.strict()) && Double.isNaN(arg.skippingUndefined()));
        assertFalse(arg.interval().isDefined());
    }

    @Test
    void refusesDifferentLengths() {
        assertThrows(IllegalArgumentException.class, () -> Arg.of(new double[1], new double[2], 1));
    }

    @Test
    void intervalIsReproducibleAndDependsOnTheSeed() {
        double[] values = {-3, 14, 4, 1, 7, -36, 2};
        assertEquals(Bootstrap.interval95(values, 5), Bootstrap.interval95(values, 5));
        assertNotEquals(Bootstrap.interval95(values, 5), Bootstrap.interval95(values, 6));
    }

    /** For n values the mean's bootstrap distribution is near normal: mean +- 1.96 s / sqrt(n). */
    @Test
    void intervalAgreesWithTheNormalOneForManyValues() {
        double[] values = new double[200];
        Arrays.setAll(values, i -> i % 20);
        double half = 1.96 * Math.sqrt(33.25 / values.length);
        Interval interval = Bootstrap.interval95(values, 11);
        assertEquals(9.5 - half, interval.low(), 0.05);
        assertEquals(9.5 + half, interval.high(), 0.05);
    }

    @Test
    void oneTaskHasNoInterval() {
        assertEquals(Interval.UNDEFINED, Bootstrap.interval95(new double[] {3}, 1));
    }

    @Test
    void intervalRefusesNaN() {
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.interval95(new double[] {1, Double.NaN}, 1));
    }

    @Test
    void quantileIsLinearBetweenOrderStatistics() {
        assertEquals(1.0, Quantile.of(new double[] {1, 2, 4}, 0));
        assertEquals(1.5, Quantile.of(new double[] {1, 2, 4}, 0.25));
        assertEquals(4.0, Quantile.of(new double[] {1, 2, 4}, 1));
    }

    @Property(tries = 50)
    void intervalLiesWithinTheValues(@ForAll @Size(min = 2, max = 30) List<@DoubleRange(min = -100, max = 100) Double> gains,
                                     @ForAll long seed) {
        double[] values = gains.stream().mapToDouble(Double::doubleValue).toArray();
        Interval interval = Bootstrap.interval95(values, seed);
        double low = Arrays.stream(values).min().getAsDouble();
        double high = Arrays.stream(values).max().getAsDouble();
        assertTrue(low - 1e-9 <= interval.low() && interval.low() <= interval.high()
                && interval.high() <= high + 1e-9, interval.toString());
    }
}
