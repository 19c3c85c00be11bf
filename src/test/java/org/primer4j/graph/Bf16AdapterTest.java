package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.ops.Activation;

/**
 * Bottleneck adapters in bf16, on CUDA alone: against float64 with the projections' factors rounded to bf16. What rows are multiplied with is exact in
 * bf16 here, but for the hidden numbers.
 */
class Bf16AdapterTest {

    private static final double TOLERANCE = 1e-5;
    /**
     * Of what the hidden numbers, or their gradients, are multiplied with: each is rounded by at most 2^-9 of it, to the nearest of 8 bits, so that a
     * row's sum is off by no more than 2^-9 of its terms' lengths. With terms of random signs, as here, their squares add up to the sum's; what is
     * added to the sum (h, dy) makes the whole no shorter but by chance.
     */
    private static final double ROUNDED_HIDDEN = 0x1p-9;
    private static final Set<String> BEHIND_HIDDEN = Set.of("y", "d_x");
    private static final double BF16 = 2e-2;
    private static final String SLOPE = "slope";

    @BeforeAll
    static void assume() {
        assumeTrue(TestDevices.hasCuda());
    }

    private static Stream<OpCase> cases() {
        return Stream.of(
            new OpCase("13 through 5", l -> sequential(l, 13, 5, Activation.GELU, 1)),
            new OpCase("64 through 16, relu, scaled", l -> sequential(l, 64, 16, Activation.RELU, 0.7)),
            new OpCase("136 through 72", l -> sequential(l, 136, 72, Activation.GELU_TANH, 1)),
            new OpCase("37 through 150", l -> sequential(l, 37, 150, Activation.SILU, 1)),
            new OpCase("21 to 34 wide, parallel", l -> parallel(l, 34, 21, 6, Activation.SILU, 4)),
            new OpCase("72 to 200 wide, parallel, through 132", l -> parallel(l, 200, 72, 132, Activation.GELU, 0.5)));
    }

    private static Value sequential(Leaves l, int width, int bottleneck, Activation activation, double scale) {
        Value x = l.x("x", width);
        return adapter(l, x, x, bottleneck, activation, scale);
    }

    private static Value parallel(Leaves l, int out, int in, int bottleneck, Activation activation, double scale) {
        return adapter(l, l.x("h", out), l.x("x", in), bottleneck, activation, scale);
    }

    private static Value adapter(Leaves l, Value h, Value x, int bottleneck, Activation activation, double scale) {
        return Ops.adapter(h, x, l.parameter("down", bottleneck, x.cols()), l.parameter("down_bias", 1, bottleneck), l.parameter("up", h.cols(), bottleneck),
            l.parameter("up_bias", 1, h.cols()), activation, scale);
    }

    // The emulated device has 4 multiprocessors: from 193 rows on blocks have 64 of them, else 16.
    private static List<Batch> batches() {
        return List.of(Batch.of(new int[] {1}), Batch.of(new int[] {65}), Batch.of(new int[] {207}), Batch.of(new int[] {5, 1, 33}),
            Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}), Batch.of(new int[] {130, 9}, new int[] {}, new int[] {70, 7}));
    }

    @TestFactory
    Stream<DynamicTest> areThoseOfRoundedFactors() {
        return cases().flatMap(c -> batches().stream().map(batch -> {
            long seed = 31L * c.name().hashCode() + batch.toString().hashCode();
            String name = c.name() + ", lengths " + batch + ", seed " + seed;
            return DynamicTest.dynamicTest(name, () -> check(c, batch, seed, name));
        }));
    }

    private static void check(OpCase c, Batch batch, long seed, String name) {
        Batch capacity = OpChecks.larger(batch, UnaryOperator.identity());
        Graph fused = graph(c, capacity, UnaryOperator.identity()), reference = graph(c, capacity, g -> Decomposition.of(g, DType.F64));
        TestData data = new TestData(seed), rounded = new TestData(seed);
        for (String leaf : List.of("x", SLOPE, "down", "up")) {
            double[] exact = Bf16.rounded(data.reals(leaf(fused, leaf), batch));
            rounded.set(leaf, exact);
            if (leaf.equals("x") || leaf.equals(SLOPE)) {
                data.set(leaf, exact);
            }
        }
        Device cuda = Device.cuda(0).withWeights(WeightType.BF16);
        Map<String, double[]> actual = run(fused, cuda, data, batch, capacity), expected = run(reference, Device.cpu(1), rounded, batch, batch),
            unrounded = run(reference, Device.cpu(1), data, batch, batch);
        assertEquals(expected.keySet(), actual.keySet());
        double all = Math.sqrt(expected.values().stream().mapToDouble(v -> RelativeError.norm(v) * RelativeError.norm(v)).sum());
        for (String output : actual.keySet()) {
            assertClose(name + ": " + output, actual.get(output), expected.get(output), BEHIND_HIDDEN.contains(output) ? ROUNDED_HIDDEN : TOLERANCE, all);
        }
        double difference = RelativeError.of(actual.get("d_down"), unrounded.get("d_down"), 0);
        assertTrue(difference > 10 * TOLERANCE && difference < BF16, name + ": d_down is not as exact as bf16 makes it, " + difference);
    }

    private static Graph graph(OpCase op, Batch capacity, UnaryOperator<Graph> decomposition) {
        Graph graph = new Graph(capacity.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, capacity);
        Value y = graph.output("y", op.build().apply(leaves));
        graph.output("loss", Ops.mul(y, graph.input(SLOPE, y.shape())));
        leaves.wanted().forEach(value -> graph.output("leaf " + ((Leaf) value.node().op()).leafName(), value));
        differentiate(graph);
        return decomposition.apply(graph);
    }

    private static void differentiate(Graph graph) {
        List<String> names = graph.outputs().keySet().stream().filter(name -> name.startsWith("leaf ")).map(name -> name.substring(5)).toList();
        List<Value> gradients = Gradient.of(graph.outputs().get("loss"), names.stream().map(name -> graph.outputs().get("leaf " + name)).toList());
        for (int i = 0; i < names.size(); i++) {
            graph.output("d_" + names.get(i), gradients.get(i));
        }
    }

    private static Leaf leaf(Graph graph, String name) {
        return graph.nodes().stream().filter(node -> node.op() instanceof Leaf leaf && leaf.leafName().equals(name)).map(node -> (Leaf) node.op())
            .findFirst().orElseThrow();
    }

    // In memory in which a batch of that capacity has left NaN, where it is larger.
    private static Map<String, double[]> run(Graph graph, Device device, TestData data, Batch batch, Batch capacity) {
        try (GraphRun run = new GraphRun(graph, device, data, batch)) {
            if (capacity != batch) {
                run.poison(capacity, data.unchanged());
            }
            Map<String, double[]> results = run.run(batch, data);
            results.keySet().removeIf(output -> output.equals("loss") || output.startsWith("leaf "));
            return results;
        }
    }
}
