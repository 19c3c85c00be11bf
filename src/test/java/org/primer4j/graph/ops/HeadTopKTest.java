package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Axis;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Bf16;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

class HeadTopKTest {

    private static final String ROWS = "beams";
    private static final String BANS = "bans";
    private static final double ROUNDING = 2e-6;

    /** Sizes of one search; {@code bans} gives the number of banned tokens of each row of each lane. */
    private record Search(int words, int d, int k, boolean laned, boolean bias, boolean renormalise, int[]... bans) {

        Batch batch() {
            return Batch.of(new int[bans.length][0]).cut(ROWS, BANS, bans);
        }

        Graph graph(Batch capacity) {
            Graph graph = new Graph(bans.length, DType.F32);
            Axis rows = graph.axis(ROWS, Math.max(1, capacity.total(ROWS))), banned = graph.axis(BANS, Math.max(1, capacity.total(BANS)));
            Value h = graph.input("h", Shape.along(rows, d));
            Value w = laned ? graph.parameter("w", words, d) : graph.weight("w", words, d);
            Value b = !bias ? null : laned ? graph.parameter("b", 1, words) : graph.weight("b", 1, words);
            Value ids = graph.indices("ids", banned, new IndexLimits.Below(words));
            Value offsets = graph.raggedOffsets("offsets", rows, banned, capacity.longest(ROWS, BANS));
            Node node = Ops.headTopK(h, w, b, ids, offsets, k, renormalise);
            graph.output("log_probs", node.output(0));
            graph.output("tokens", node.output(1));
            graph.output("h", h);
            return graph;
        }
    }

    @TestFactory
    Stream<DynamicTest> findsTheBest() {
        return searches().map(s -> DynamicTest.dynamicTest(s.toString() + Arrays.deepToString(s.bans),
            () -> check(s, s.hashCode() % 1000 + 7, WeightType.F32)));
    }

    @TestFactory
    Stream<DynamicTest> findsTheBestInBf16() {
        assumeTrue(Engine.bf16Obstacle().isEmpty() || TestDevices.hasCuda(), Engine.bf16Obstacle());
        Stream<Search> wide = Stream.of(new Search(777, 768, 8, false, true, false, new int[130]), new Search(300, 1, 2, false, false, false, new int[20]),
            new Search(260, 35, 4, false, false, true, new int[40]));
        return Stream.concat(searches(), wide).map(s -> DynamicTest.dynamicTest(s.toString() + Arrays.deepToString(s.bans),
            () -> check(s, s.hashCode() % 1000 + 7, WeightType.BF16)));
    }

    private static Stream<Search> searches() {
        return Stream.of(
            new Search(1000, 24, 5, false, false, false, new int[] {0, 3, 0, 40}),
            new Search(1000, 24, 5, false, true, true, new int[] {0, 3, 0, 40}),
            new Search(600, 7, 64, false, true, false, new int[] {2}),
            new Search(513, 13, 1, false, true, true, new int[150]),
            new Search(3, 5, 3, false, false, true, new int[] {1, 0, 0}),
            new Search(33_000, 2, 4, false, true, true, new int[3]),
            new Search(1, 5, 1, false, true, false, new int[] {0, 0}),
            new Search(300, 9, 4, true, true, false, new int[] {1, 2}, new int[0], new int[] {0, 5, 0}),
            new Search(300, 9, 4, false, true, true, new int[] {1, 2}, new int[0], new int[] {0, 5, 0}));
    }

    private static void check(Search search, long seed, WeightType type) {
        Batch batch = search.batch();
        TestData data = new TestData(seed);
        Graph graph = search.graph(batch);
        Map<Device.Kind, Map<String, double[]>> firsts = new EnumMap<>(Device.Kind.class);
        for (Device device : TestDevices.of(graph, type)) {
            // A head that is trained stays float32 on the CPU, and what it reads too.
            boolean rounded = type == WeightType.BF16 && (device.kind() == Device.Kind.CUDA || !search.laned);
            double[][] expected = reference(search, batch, rounded ? rounded(seed, graph, batch) : data, graph);
            Map<String, double[]> found = run(graph, device, batch, data), first = firsts.computeIfAbsent(device.kind(), kind -> found);
            compare(device + ", seed " + seed, search, found, expected);
            assertArrayEquals(first.get("log_probs"), found.get("log_probs"), "of two threads");
            assertArrayEquals(first.get("tokens"), found.get("tokens"), "of two threads");
        }
    }

    private static void compare(String name, Search search, Map<String, double[]> found, double[][] expected) {
        for (int row = 0; row < expected.length; row++) {
            double[] logProbs = expected[row];
            int[] order = IntStream.range(0, search.words).boxed().sorted(Comparator.comparingDouble((Integer v) -> -logProbs[v]).thenComparing(v -> v))
                .mapToInt(v -> v).limit(search.k).toArray();
            for (int n = 0; n < search.k; n++) {
                String what = name + ", row " + row + ", place " + n;
                assertEquals(order[n], (int) found.get("tokens")[row * search.k + n], what);
                double actual = found.get("log_probs")[row * search.k + n], wanted = logProbs[order[n]];
                assertTrue(actual == wanted || Math.abs(actual - wanted) <= ROUNDING * (1 + Math.abs(wanted)), what + ": " + actual + ", not " + wanted);
            }
        }
    }

    private static TestData rounded(long seed, Graph graph, Batch batch) {
        TestData data = new TestData(seed);
        for (String factor : List.of("h", "w")) {
            data.set(factor, Bf16.rounded(reals(graph, factor, data, batch)));
        }
        return data;
    }

    // Log-probabilities of all words of all rows in float64.
    private static double[][] reference(Search search, Batch batch, TestData data, Graph graph) {
        double[] h = reals(graph, "h", data, batch), w = reals(graph, "w", data, batch), b = search.bias ? reals(graph, "b", data, batch) : null;
        int[] ids = data.integers(leaf(graph, "ids"), batch);
        int[] counts = Arrays.stream(search.bans).flatMapToInt(Arrays::stream).toArray();
        double[][] all = new double[counts.length][];
        int row = 0;
        int ban = 0;
        for (int lane = 0; lane < search.bans.length; lane++) {
            for (int i = 0; i < search.bans[lane].length; i++, row++) {
                double[] logits = new double[search.words];
                int copy = search.laned ? lane : 0;
                for (int v = 0; v < search.words; v++) {
                    logits[v] = b == null ? 0 : b[copy * search.words + v];
                    for (int c = 0; c < search.d; c++) {
                        logits[v] += h[row * search.d + c] * w[(copy * search.words + v) * search.d + c];
                    }
                }
                int[] banned = Arrays.copyOfRange(ids, ban, ban + counts[row]);
                ban += counts[row];
                all[row] = logProbs(logits, banned, search.renormalise);
            }
        }
        return all;
    }

    private static double[] logProbs(double[] logits, int[] banned, boolean renormalise) {
        double[] kept = logits.clone();
        if (renormalise) {
            Arrays.stream(banned).forEach(v -> kept[v] = Double.NEGATIVE_INFINITY);
        }
        double lse = Math.log(Arrays.stream(kept).map(Math::exp).sum());
        Arrays.stream(banned).forEach(v -> kept[v] = Double.NEGATIVE_INFINITY);
        return Arrays.stream(kept).map(z -> z - lse).toArray();
    }

    @Test
    void equalsComeByTheirIds() {
        Search search = new Search(700, 4, 6, false, false, false, new int[] {2, 0});
        Batch batch = search.batch();
        TestData data = new TestData(1);
        data.set("h", new double[8]);
        data.set("ids", new double[] {1, 3});
        onEachDevice(search, batch, data, found -> {
            assertArrayEquals(new double[] {0, 2, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5}, found.get("tokens"));
            assertEquals(-Math.log(700), found.get("log_probs")[3], 1e-6);
        });
    }

    // Kernels find the best of parts of the vocabulary first.
    @Test
    void equalsFarApartComeByTheirIds() {
        Search search = new Search(2600, 4, 6, false, true, false, new int[] {0});
        Batch batch = search.batch();
        TestData data = new TestData(1);
        double[] bias = new double[2600];
        IntStream.of(2500, 1030, 7, 1024).forEach(v -> bias[v] = 1);
        bias[0] = -0.0;
        data.set("h", new double[4]);
        data.set("b", bias);
        onEachDevice(search, batch, data, found -> assertArrayEquals(new double[] {7, 1024, 1030, 2500, 0, 1}, found.get("tokens")));
    }

    @Test
    void bannedTokensComeLast() {
        for (boolean renormalise : new boolean[] {false, true}) {
            Search search = new Search(4, 2, 4, false, false, renormalise, new int[] {4});
            Batch batch = search.batch();
            TestData data = new TestData(1);
            data.set("ids", new double[] {2, 0, 1, 3});
            onEachDevice(search, batch, data, found -> {
                assertArrayEquals(new double[] {0, 1, 2, 3}, found.get("tokens"));
                assertTrue(Arrays.stream(found.get("log_probs")).allMatch(p -> p == Double.NEGATIVE_INFINITY));
            });
        }
    }

    @Test
    void aRowThatIsNoNumberShowsAndNamesTokens() {
        Search search = new Search(600, 2, 3, false, false, false, new int[] {0, 0});
        Batch batch = search.batch();
        TestData data = new TestData(1);
        data.set("h", new double[] {Double.NaN, 1, 1, 1});
        onEachDevice(search, batch, data, found -> {
            double[] p = found.get("log_probs");
            assertTrue(Double.isNaN(p[0]) && Double.isNaN(p[2]) && Double.isFinite(p[3]), Arrays.toString(p));
            assertTrue(Arrays.stream(found.get("tokens")).allMatch(t -> t >= 0 && t < 600));
        });
    }

    @Test
    void refusesWhatItCannotDo() {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis(ROWS, 4), banned = graph.axis(BANS, 4);
        Value h = graph.input("h", Shape.along(rows, 2)), w = graph.weight("w", 9, 2);
        Value ids = graph.indices("ids", banned, new IndexLimits.Below(9)), wide = graph.indices("wide", banned, new IndexLimits.Below(10));
        Value offsets = graph.raggedOffsets("offsets", rows, banned, 4);
        for (int k : new int[] {0, 10}) {
            assertTrue(assertThrows(ShapeException.class, () -> Ops.headTopK(h, w, null, null, null, k, true)).getMessage().contains("1 to 9"));
        }
        assertThrows(ShapeException.class, () -> Ops.headTopK(h, w, null, wide, offsets, 2, true));
        assertThrows(ShapeException.class, () -> Ops.headTopK(h, w, null, ids, null, 2, true));
        assertThrows(ShapeException.class, () -> Ops.headTopK(h, w, null, null, offsets, 2, true));
        assertThrows(ShapeException.class, () -> Ops.meanPool(graph.input("x", Shape.along(banned, 2)), offsets), "empty segments");
        Value best = Ops.headTopK(h, w, null, ids, offsets, 2, true).output(0);
        assertThrows(NoGradientException.class, () -> Gradient.of(best, List.of(h)));
    }

    private static void onEachDevice(Search search, Batch batch, TestData data, Consumer<Map<String, double[]>> check) {
        Graph graph = search.graph(batch);
        TestDevices.of(graph).forEach(device -> check.accept(run(graph, device, batch, data)));
    }

    private static Map<String, double[]> run(Graph graph, Device device, Batch batch, TestData data) {
        try (GraphRun run = new GraphRun(graph, device, data, batch)) {
            return run.run(batch, data);
        }
    }

    private static double[] reals(Graph graph, String name, TestData data, Batch batch) {
        return data.reals(leaf(graph, name), batch);
    }

    private static Leaf leaf(Graph graph, String name) {
        return graph.nodes().stream().map(Node::op).filter(o -> o instanceof Leaf l && l.leafName().equals(name))
            .map(Leaf.class::cast).findFirst().orElseThrow();
    }
}
