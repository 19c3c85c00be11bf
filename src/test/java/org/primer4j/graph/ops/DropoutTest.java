package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Shape;
import org.primer4j.graph.TestData;
import org.primer4j.graph.Value;

class DropoutTest {

    private static final int ROWS = 400;
    private static final int WIDTH = 101;
    private static final Batch BATCH = Batch.of(new int[] {ROWS});
    private static final double[] KEY = {12345, -6789, 17};

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide, p 0.1", l -> Dropout.of(l.x("x", 13), l.graph().laneIntegers("key", 3), 0.1, Dropout.site("here"))),
            new OpCase("64 wide, p 0.5", l -> Dropout.of(l.x("x", 64), l.graph().laneIntegers("key", 3), 0.5, Dropout.site("there"))),
            new OpCase("3 wide, p 0", l -> Dropout.of(l.x("x", 3), l.graph().laneIntegers("key", 3), 0, Dropout.site("nowhere"))));
    }

    // The keep rate's standard deviation is sqrt(p (1 - p) / n): 5 of them are allowed.
    @Test
    void keepsTheMeanAndTheRate() {
        for (double p : new double[] {0.1, 0.5, 0.9}) {
            double[] mask = mask(p, 1, KEY);
            long kept = Arrays.stream(mask).filter(v -> v != 0).count();
            double allowed = 5 * Math.sqrt(p * (1 - p) / mask.length);
            assertEquals(1 - p, (double) kept / mask.length, allowed, "keep rate at p " + p);
            assertEquals(1, Arrays.stream(mask).average().orElseThrow(), allowed / (1 - p), "mean at p " + p);
            assertTrue(Arrays.stream(mask).allMatch(v -> v == 0 || v == (float) (1 / (1 - p))), "kept values are scaled by 1 / (1 - p)");
        }
    }

    // Neighbours in a row, rows below each other, and masks of neighbouring steps agree as often as independent ones do.
    @Test
    void elementsAreIndependent() {
        double[] mask = mask(0.5, 1, KEY), next = mask(0.5, 1, new double[] {KEY[0], KEY[1], KEY[2] + 1});
        for (int shift : new int[] {1, 2, 4, WIDTH}) {
            double[] shifted = Arrays.copyOfRange(mask, shift, mask.length);
            assertIndependent(Arrays.copyOf(mask, shifted.length), shifted, "shift " + shift);
        }
        assertIndependent(mask, next, "next step");
    }

    private static void assertIndependent(double[] a, double[] b, String what) {
        long same = 0;
        for (int i = 0; i < a.length; i++) {
            same += a[i] == b[i] ? 1 : 0;
        }
        assertEquals(0.5, (double) same / a.length, 5 * Math.sqrt(0.25 / a.length), what);
    }

    @Test
    void seedStepAndSiteEachChangeTheMask() {
        Set<String> masks = new HashSet<>();
        for (double[] key : new double[][] {KEY, {KEY[0] + 1, KEY[1], KEY[2]}, {KEY[0], KEY[1] + 1, KEY[2]}, {KEY[0], KEY[1], KEY[2] + 1}}) {
            assertTrue(masks.add(Arrays.toString(mask(0.5, 1, key))), "key " + Arrays.toString(key));
        }
        for (long site : new long[] {2, 1L << 32, Dropout.site("a"), Dropout.site("b")}) {
            assertTrue(masks.add(Arrays.toString(mask(0.5, site, KEY))), "site " + site);
        }
        assertFalse(masks.add(Arrays.toString(mask(0.5, 1, KEY))), "the same key and site give the same mask");
    }

    @Test
    void theGradientHasTheSameMask() {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, ROWS), WIDTH));
        Value y = graph.output("y", Dropout.of(x, graph.laneIntegers("key", 3), 0.3, 5));
        graph.output("dx", Gradient.of(y, List.of(x)).get(0));
        Map<String, double[]> results = run(graph, KEY);
        assertArrayEquals(results.get("y"), results.get("dx"), "x and dy are all ones");
    }

    @Test
    void refusesProbabilitiesThatKeepNothing() {
        for (double p : new double[] {1, -0.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new Dropout(p, 0));
        }
    }

    private static double[] mask(double p, long site, double[] key) {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, ROWS), WIDTH));
        graph.output("y", Dropout.of(x, graph.laneIntegers("key", 3), p, site));
        return run(graph, key).get("y");
    }

    private static Map<String, double[]> run(Graph graph, double[] key) {
        TestData data = new TestData(1);
        double[] ones = new double[ROWS * WIDTH];
        Arrays.fill(ones, 1);
        data.set("x", ones);
        data.set("key", key);
        try (GraphRun run = new GraphRun(graph, 2, data, BATCH)) {
            return run.run(BATCH, data);
        }
    }
}
