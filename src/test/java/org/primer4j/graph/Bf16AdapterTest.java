package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.ops.Activation;
import org.primer4j.graph.ops.Adapter;

/**
 * Bottleneck adapters in bf16, on CUDA alone, are those of the rounded factors, in float64, but for the roundings of float32 sums. Up to the hidden
 * numbers the factors are leaves; what follows is held against products of the hidden numbers that the device itself found, rounded: a reference's own,
 * which differ by float32's roundings, may be rounded the other way.
 */
class Bf16AdapterTest {

    private static final double TOLERANCE = 1e-5;
    private static final double BF16 = 2e-2;
    private static final String SLOPE = "slope";
    private static final String HIDDEN = "a";
    private static final String HIDDEN_GRADIENT = "dz";

    /** @param in width of x in parallel, 0 in sequence, where x is h */
    private record Case(int out, int in, int bottleneck, Activation activation, double scale) {

        private Value h(Leaves l) {
            return in == 0 ? l.x("x", out) : l.x("h", out);
        }

        private Value x(Leaves l, Value h) {
            return in == 0 ? h : l.x("x", in);
        }

        private static Value down(Leaves l, Value x, int bottleneck) {
            return l.parameter("down", bottleneck, x.cols());
        }

        private Value up(Leaves l) {
            return l.parameter("up", out, bottleneck);
        }

        private Value upBias(Leaves l) {
            return l.parameter("up_bias", 1, out);
        }

        // The op, and its gradients by all leaves.
        private Graph adapter(Batch capacity, Function<Graph, Graph> decomposition) {
            Leaves l = new Leaves(new Graph(capacity.laneCount(), DType.F32), capacity);
            Value h = h(l), x = x(l, h);
            Value y = Ops.adapter(h, x, down(l, x, bottleneck), l.parameter("down_bias", 1, bottleneck), up(l), upBias(l), activation, scale);
            l.graph().output("y", y);
            l.graph().output(HIDDEN, y.node().output(2));
            l.graph().output("loss", Ops.mul(y, l.graph().input(SLOPE, y.shape())));
            return differentiated(decomposition.apply(wanted(l)), List.of("loss"));
        }

        // What follows the hidden numbers and their gradients, which are leaves here.
        private Graph behind(Batch capacity) {
            Leaves l = new Leaves(new Graph(capacity.laneCount(), DType.F32), capacity);
            Value h = h(l), x = x(l, h);
            l.graph().output("y", Ops.add(h, Ops.scale(Ops.linear(l.constant(HIDDEN, Batch.TOKENS, bottleneck), up(l), upBias(l)), scale)));
            l.graph().output("through", Ops.mul(Ops.linear(x, down(l, x, bottleneck), null), l.constant(HIDDEN_GRADIENT, Batch.TOKENS, bottleneck)));
            l.graph().output("past", Ops.mul(h, l.graph().input(SLOPE, h.shape())));
            return differentiated(Decomposition.of(wanted(l), DType.F64), List.of("through", "past"));
        }

        private static Graph wanted(Leaves l) {
            l.wanted().forEach(value -> l.graph().output("leaf " + ((Leaf) value.node().op()).leafName(), value));
            return l.graph();
        }
    }

    @BeforeAll
    static void assume() {
        assumeTrue(TestDevices.hasCuda());
    }

    private static List<Case> cases() {
        return List.of(new Case(13, 0, 5, Activation.GELU, 1), new Case(64, 0, 16, Activation.RELU, 0.7), new Case(136, 0, 72, Activation.GELU_TANH, 1),
            new Case(37, 0, 150, Activation.SILU, 1), new Case(34, 21, 6, Activation.SILU, 4), new Case(200, 72, 132, Activation.NONE, 0.5));
    }

    // The emulated device has 4 multiprocessors: from 193 rows on, blocks have 64 of them, else 16.
    private static List<Batch> batches() {
        return List.of(Batch.of(new int[] {1}), Batch.of(new int[] {65}), Batch.of(new int[] {207}), Batch.of(new int[] {5, 1, 33}),
            Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}), Batch.of(new int[] {130, 9}, new int[] {}, new int[] {70, 7}));
    }

    @TestFactory
    Stream<DynamicTest> areThoseOfRoundedFactors() {
        return cases().stream().flatMap(c -> batches().stream().map(batch -> {
            long seed = 31L * c.toString().hashCode() + batch.toString().hashCode();
            String name = c + ", lengths " + batch + ", seed " + seed;
            return DynamicTest.dynamicTest(name, () -> check(c, batch, seed, name));
        }));
    }

    private static void check(Case c, Batch batch, long seed, String name) {
        Batch capacity = OpChecks.larger(batch, g -> g);
        Graph fused = c.adapter(capacity, g -> g), reference = c.adapter(capacity, g -> Decomposition.of(g, DType.F64));
        Value hiddenGradient = fused.nodes().stream().filter(node -> node.op() instanceof Adapter.Backward).findFirst().orElseThrow().output(0);
        fused.output(HIDDEN_GRADIENT, hiddenGradient);
        TestData data = new TestData(seed), rounded = new TestData(seed);
        for (String leaf : List.of("x", SLOPE, "down", "up")) {
            double[] exact = Bf16.rounded(data.reals(leaf(fused, leaf), batch));
            rounded.set(leaf, exact);
            // Weights' gradients take these in float32.
            if (leaf.equals("x") || leaf.equals(SLOPE)) {
                data.set(leaf, exact);
            }
        }
        Map<String, double[]> actual = run(fused, Device.cuda(0).withWeights(WeightType.BF16), data, batch, capacity);
        Map<String, double[]> expected = run(reference, Device.cpu(1), rounded, batch, batch), unrounded = run(reference, Device.cpu(1), data, batch, batch);
        compare(name, List.of(HIDDEN, "d_down", "d_down_bias", "d_up", "d_up_bias"), actual, expected);
        rounded.set(HIDDEN, Bf16.rounded(actual.get(HIDDEN)));
        rounded.set(HIDDEN_GRADIENT, Bf16.rounded(actual.get(HIDDEN_GRADIENT)));
        List<String> rows = new ArrayList<>(List.of("y", "d_x"));
        if (c.in != 0) {
            rows.add("d_h");
        }
        compare(name, rows, actual, run(c.behind(capacity), Device.cpu(1), rounded, batch, batch));
        for (String output : List.of("y", HIDDEN)) {
            double difference = RelativeError.of(actual.get(output), unrounded.get(output), 0);
            assertTrue(difference > 10 * TOLERANCE && difference < BF16, name + ": " + output + " is not as exact as bf16 makes it, " + difference);
        }
    }

    private static void compare(String name, List<String> outputs, Map<String, double[]> actual, Map<String, double[]> expected) {
        outputs.forEach(output -> assertClose(name + ": " + output, actual.get(output), expected.get(output), TOLERANCE, 0));
    }

    private static Graph differentiated(Graph graph, List<String> losses) {
        List<String> names = graph.outputs().keySet().stream().filter(name -> name.startsWith("leaf ")).map(name -> name.substring(5)).toList();
        List<Value> gradients = Gradient.ofSum(losses.stream().map(graph.outputs()::get).toList(),
            names.stream().map(name -> graph.outputs().get("leaf " + name)).toList());
        for (int i = 0; i < names.size(); i++) {
            graph.output("d_" + names.get(i), gradients.get(i));
        }
        return graph;
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
            return run.run(batch, data);
        }
    }
}
