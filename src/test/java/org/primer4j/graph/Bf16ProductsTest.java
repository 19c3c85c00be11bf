package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.loraLinear;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.ops.Activation;

/**
 * Products with bf16 weights are those of the rounded factors, in float64, but for the roundings of float32 sums; what is
 * no such product is as in float32. So are the products in tangents; and on CUDA those with trained weights, in float32 memory, and the weights' gradients.
 */
class Bf16ProductsTest {

    private static final double TOLERANCE = 1e-5;
    private static final String WEIGHT = "w";
    private static final String SLOPE = "slope";
    private static final String DIRECTION = "along ";
    /** What rounding the factors to 8 bits makes of a value, and of its tangent, in which relu's slope jumps for some that are near 0. */
    private static final Map<String, Double> ROUNDING = Map.of("y", 1e-2, "t_" + SLOPE, 1e-1);

    /**
     * An op, and what of its data is bf16 from the start: it goes through a float32 branch too, or its rounding could not be told from
     * that of the branch.
     *
     * @param trained whether the weight is, whose products the CPU has in float32
     */
    private record Case(OpCase op, Set<String> exact, boolean trained) {

        private Case(OpCase op, Set<String> exact) {
            this(op, exact, false);
        }

        private boolean takes(Device device) {
            return !trained || device.kind() == Device.Kind.CUDA;
        }

        private List<String> rounded() {
            List<String> leaves = List.of("x", WEIGHT, SLOPE, DIRECTION + "x", DIRECTION + SLOPE);
            return trained ? Stream.concat(leaves.stream(), Stream.of(DIRECTION + WEIGHT)).toList() : leaves;
        }
    }

    @BeforeAll
    static void assume() {
        assumeTrue(Engine.bf16Obstacle().isEmpty() || TestDevices.hasCuda(), Engine.bf16Obstacle());
    }

    private static Stream<Case> cases() {
        return Stream.concat(frozen(), trained());
    }

    private static Stream<Case> trained() {
        return Stream.of(
            new Case(new OpCase("trained 13 to 5", l -> linear(l.x("x", 13), l.parameter(WEIGHT, 5, 13), null)), Set.of(), true),
            new Case(new OpCase("trained 37 to 150, relu, trained bias",
                l -> linear(l.x("x", 37), l.parameter(WEIGHT, 150, 37), l.parameter("b", 1, 150), Activation.RELU)), Set.of(SLOPE), true),
            new Case(new OpCase("trained 200 to 96, frozen bias", l -> linear(l.x("x", 200), l.parameter(WEIGHT, 96, 200), l.frozen("b", 1, 96))), Set.of(), true),
            new Case(new OpCase("of all lanes, trained 72 to 65", l -> linear(l.x("x", 72), l.shared(WEIGHT, 65, 72), null)), Set.of(), true),
            new Case(new OpCase("of all lanes, trained 21 to 35, trained bias", l -> linear(l.x("x", 21), l.shared(WEIGHT, 35, 21), l.shared("b", 1, 35))),
                Set.of(SLOPE), true));
    }

    private static Stream<Case> frozen() {
        return Stream.of(
            new Case(new OpCase("13 to 5", l -> linear(l.x("x", 13), l.frozen(WEIGHT, 5, 13), l.frozen("b", 1, 5))), Set.of()),
            new Case(new OpCase("17 to 33, no bias", l -> linear(l.x("x", 17), l.frozen(WEIGHT, 33, 17), null)), Set.of()),
            new Case(new OpCase("40 to 256", l -> linear(l.x("x", 40), l.frozen(WEIGHT, 256, 40), l.parameter("b", 1, 256))), Set.of(SLOPE)),
            new Case(new OpCase("150 to 203, relu",
                l -> linear(l.x("x", 150), l.frozen(WEIGHT, 203, 150), l.frozen("b", 1, 203), Activation.RELU)), Set.of()),
            new Case(new OpCase("768 to 192", l -> linear(l.x("x", 768), l.frozen(WEIGHT, 192, 768), null)), Set.of()),
            new Case(new OpCase("lora 37 to 150", l -> {
                Value x = l.x("x", 37);
                return loraLinear(x, x, l.frozen(WEIGHT, 150, 37), l.frozen("b", 1, 150), l.parameter("a", 3, 37), l.parameter("b2", 150, 3), 2);
            }), Set.of("x", SLOPE)),
            new Case(new OpCase("lora 130 to 33, x dropped out in the branch", l -> loraLinear(l.x("x", 130), l.x("u", 130), l.frozen(WEIGHT, 33, 130), null,
                l.parameter("a", 8, 130), l.parameter("b2", 33, 8), 0.5)), Set.of(SLOPE)));
    }

    // Capacities up to 256 rows prepare for few rows by columns too.
    private static List<Batch> batches() {
        return List.of(Batch.of(new int[] {1}), Batch.of(new int[] {7, 6}), Batch.of(new int[] {64}), Batch.of(new int[] {65}), Batch.of(new int[] {207}),
            Batch.of(new int[] {301}), Batch.of(new int[] {5, 1, 33}), Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}));
    }

    @TestFactory
    Stream<DynamicTest> areThoseOfRoundedFactors() {
        return cases().flatMap(c -> batches().stream().map(batch -> {
            long seed = 31L * c.op.name().hashCode() + batch.toString().hashCode();
            String name = c.op.name() + ", lengths " + batch + ", seed " + seed;
            return DynamicTest.dynamicTest(name, () -> check(c, batch, seed, name));
        }));
    }

    private static void check(Case c, Batch batch, long seed, String name) {
        // A trained weight's gradient sums over rows: there are more in memory than in the batch.
        Batch capacity = c.trained ? OpChecks.larger(batch, UnaryOperator.identity()) : batch;
        Graph fused = graph(c.op, capacity, Decomposition::forTangents), reference = graph(c.op, capacity, g -> Decomposition.of(g, DType.F64));
        TestData data = new TestData(seed), rounded = new TestData(seed);
        for (String leaf : c.rounded()) {
            double[] exact = Bf16.rounded(data.reals(leaf(fused, leaf), batch));
            rounded.set(leaf, exact);
            if (c.exact.contains(leaf.replace(DIRECTION, ""))) {
                data.set(leaf, exact);
            }
        }
        Map<String, double[]> expected = run(reference, Device.cpu(1), rounded, batch);
        Map<String, double[]> unrounded = run(reference, Device.cpu(1), data, batch);
        for (Device device : TestDevices.of(fused, WeightType.BF16).stream().filter(c::takes).toList()) {
            compare(name + ", " + device, run(fused, device, data, batch, capacity), expected, unrounded);
            if (c.trained) {
                Graph primitives = graph(c.op, capacity, g -> Decomposition.of(g, DType.F32));
                compare(name + ", in primitives, " + device, run(primitives, device, data, batch, capacity), expected, unrounded);
            }
        }
    }

    private static void compare(String name, Map<String, double[]> actual, Map<String, double[]> expected, Map<String, double[]> unrounded) {
        assertEquals(expected.keySet(), actual.keySet());
        for (String output : actual.keySet()) {
            assertClose(name + ": " + output, actual.get(output), expected.get(output), TOLERANCE, 0);
        }
        ROUNDING.forEach((output, most) -> {
            double difference = RelativeError.of(actual.get(output), unrounded.get(output), 0);
            assertTrue(difference > 10 * TOLERANCE, name + ": " + output + " is as exact as float32's, " + difference);
            assertTrue(difference < most, name + ": " + output + " is not as exact as bf16's, " + difference);
        });
    }

    private static Graph graph(OpCase op, Batch capacity, UnaryOperator<Graph> decomposition) {
        Graph graph = new Graph(capacity.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, capacity);
        Value y = graph.output("y", op.build().apply(leaves));
        Value slope = graph.output("leaf " + SLOPE, graph.input(SLOPE, y.shape()));
        graph.output("loss", Ops.mul(y, slope));
        leaves.wanted().forEach(value -> graph.output("leaf " + ((Leaf) value.node().op()).leafName(), value));
        Graph chosen = decomposition.apply(graph);
        differentiate(chosen);
        return chosen;
    }

    // The gradients by all leaves that are wanted and by the slope, which is y; and how they change along directions of all these.
    private static void differentiate(Graph graph) {
        List<String> names = graph.outputs().keySet().stream().filter(name -> name.startsWith("leaf ")).map(name -> name.substring(5)).toList();
        List<Value> moving = names.stream().map(name -> graph.outputs().get("leaf " + name)).toList();
        List<Value> gradients = Gradient.of(graph.outputs().get("loss"), moving);
        Map<Value, Value> directions = new LinkedHashMap<>();
        IntStream.range(0, names.size()).forEach(i -> directions.put(moving.get(i), graph.input(DIRECTION + names.get(i), moving.get(i).shape())));
        List<Value> tangents = Tangent.of(gradients, directions);
        for (int i = 0; i < names.size(); i++) {
            graph.output("d_" + names.get(i), gradients.get(i));
            graph.output("t_" + names.get(i), tangents.get(i));
        }
    }

    private static Leaf leaf(Graph graph, String name) {
        return graph.nodes().stream().filter(node -> node.op() instanceof Leaf leaf && leaf.leafName().equals(name)).map(node -> (Leaf) node.op())
            .findFirst().orElseThrow();
    }

    private static Map<String, double[]> run(Graph graph, Device device, TestData data, Batch batch) {
        return run(graph, device, data, batch, batch);
    }

    // In memory in which a batch of that capacity has left NaN, where it is larger.
    private static Map<String, double[]> run(Graph graph, Device device, TestData data, Batch batch, Batch capacity) {
        try (GraphRun run = new GraphRun(graph, device, data, batch)) {
            if (capacity != batch) {
                run.poison(capacity, data.unchanged());
            }
            Map<String, double[]> results = run.run(batch, data);
            results.remove("loss");
            return results;
        }
    }

    // With the identity as the other factor, a product is what a factor was rounded to.
    @Test
    void roundToTheNearestTiesToEven() {
        double[] numbers = {1, 1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-20, 1 + 3 * 0x1p-8, 1 + 0x1p-9, -1 - 0x1p-8, -1 - 3 * 0x1p-8, 0, -0.0, 3.14159274, 1e-30, 1e30,
            Float.MAX_VALUE / 2, Float.MIN_NORMAL, 255.5, 65535, 1e-10};
        int n = numbers.length;
        double[] identity = IntStream.range(0, n * n).mapToDouble(i -> i / n == i % n ? 1 : 0).toArray(), diagonal = new double[n * n];
        IntStream.range(0, n).forEach(i -> diagonal[i * n + i] = numbers[i]);
        double[] expected = Arrays.stream(Bf16.rounded(diagonal)).map(v -> v + 0.0).toArray();
        products(diagonal, identity, n).forEach((device, y) -> assertArrayEquals(expected, y, "activations on " + device));
        products(identity, diagonal, n).forEach((device, y) -> assertArrayEquals(expected, y, "weights on " + device));
    }

    @Test
    void whatIsNoNumberStaysInItsRow() {
        double[] x = {1, Double.NaN, 2, 3, Double.POSITIVE_INFINITY, 4, 5, 6, 7}, identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
        products(x, identity, 3).forEach((device, y) -> {
            assertTrue(Double.isNaN(y[1]) && !Double.isFinite(y[4]), "NaN and infinity on " + device);
            assertArrayEquals(new double[] {5, 6, 7}, new double[] {y[6], y[7], y[8]}, device.toString());
        });
    }

    // Which way the library rounds to TF32 is not said.
    @Test
    void tf32KeepsTenBits() {
        assumeTrue(TestDevices.hasCuda());
        Batch batch = Batch.of(new int[] {1});
        TestData data = new TestData(0);
        data.set("x", new double[] {(float) Math.PI});
        data.set(WEIGHT, new double[] {1});
        float y = (float) run(productGraph(batch, 1), Device.cuda(0).withWeights(WeightType.TF32), data, batch).get("y")[0];
        assertEquals(0, Float.floatToRawIntBits(y) & 0x1fff);
        assertEquals(Math.PI, y, 0x1p-9);
    }

    // A lane's own weight is multiplied in float32.
    @Test
    void tf32KeepsTenBitsOfWhatOneLaneTrains() {
        assumeTrue(TestDevices.hasCuda());
        assertEquals(0, Float.floatToRawIntBits(tf32Gradient(Batch.of(new int[] {1}))) & 0x1fff);
        assertEquals((float) Math.PI, tf32Gradient(Batch.of(new int[] {1}, new int[] {})));
    }

    // Of the first lane's number w by x w.
    private static float tf32Gradient(Batch batch) {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, batch);
        Value w = leaves.parameter(WEIGHT, 1, 1), y = linear(leaves.constant("x", Batch.TOKENS, 1), w, null);
        graph.output("d", Gradient.of(y, List.of(w)).get(0));
        TestData data = new TestData(0);
        data.set("x", new double[] {(float) Math.PI});
        return (float) run(graph, Device.cuda(0).withWeights(WeightType.TF32), data, batch).get("d")[0];
    }

    /** A small product on a device. */
    double[] productOn(Device device) {
        Batch batch = Batch.of(new int[] {2});
        return run(productGraph(batch, 2), device, new TestData(0), batch).get("y");
    }

    private static Graph productGraph(Batch batch, int n) {
        Graph graph = new Graph(1, DType.F32);
        Leaves leaves = new Leaves(graph, batch);
        graph.output("y", linear(leaves.constant("x", Batch.TOKENS, n), leaves.frozen(WEIGHT, n, n), null));
        return graph;
    }

    // A sum has no negative zero.
    private static Map<Device, double[]> products(double[] x, double[] w, int n) {
        Batch batch = Batch.of(new int[] {n});
        Graph graph = productGraph(batch, n);
        TestData data = new TestData(0);
        data.set("x", x);
        data.set(WEIGHT, w);
        return TestDevices.of(graph, WeightType.BF16).stream().collect(Collectors.toMap(device -> device,
            device -> Arrays.stream(run(graph, device, data, batch).get("y")).map(v -> v + 0.0).toArray()));
    }
}
