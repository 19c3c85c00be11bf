package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.graph.Ops.headCrossEntropy;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.ops.Activation;

/** A language-model head on tensor cores: the factors of its products are bf16 or TF32, its softmax, its sums and what is no product float32. */
class Bf16HeadTest {

    /** What the roundings of float32 sums stay below. */
    private static final double SUMS = 1e-5;
    /** No rounding to bf16's 8 bits exceeds it, and gradients are sums of factors, each rounded once, times exact numbers. */
    private static final double ROUNDING = 1.0 / (1 << 8);
    private static final String DIRECTION = "along ";

    /** Against the head of the rounded h and W in float64: the loss is that but for sums, and so is db; dh and dW have factors rounded once more. */
    @TestFactory
    Stream<DynamicTest> isThatOfRoundedFactors() {
        assumeTrue(TestDevices.hasCuda());
        List<OpCase> cases = List.of(
            new OpCase("frozen, 29 words", l -> loss(l, 13, l.frozen("w", 29, 13), l.frozen("b", 1, 29), 0)),
            new OpCase("frozen, 1300 words, smoothed", l -> loss(l, 40, l.frozen("w", 1300, 40), null, 0.1)),
            new OpCase("frozen weight, trained bias", l -> loss(l, 16, l.frozen("w", 300, 16), l.parameter("b", 1, 300), 0.1)),
            new OpCase("shared, 257 words, smoothed", l -> loss(l, 72, l.shared("w", 257, 72), l.shared("b", 1, 257), 0.5)),
            new OpCase("trained, 600 words", l -> loss(l, 17, l.parameter("w", 600, 17), l.parameter("b", 1, 600), 0.1)));
        List<Batch> batches = List.of(Batch.of(new int[] {207}), Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}));
        return cases.stream().flatMap(c -> batches.stream().map(batch ->
            DynamicTest.dynamicTest(c.name() + ", lengths " + batch, () -> check(c, batch))));
    }

    // CUDA's kernels take up to 32,768 words at a time.
    @TestFactory
    Stream<DynamicTest> isThatOfRoundedFactorsOverAWideVocabulary() {
        assumeTrue(TestDevices.hasCuda());
        return Stream.of(
            new OpCase("frozen, 33000 words", l -> loss(l, 8, l.frozen("w", 33_000, 8), null, 0)),
            new OpCase("shared, 33000 words", l -> loss(l, 8, l.shared("w", 33_000, 8), null, 0.1)))
            .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c, Batch.of(new int[] {5}))));
    }

    /** TF32 has 10 bits behind the leading one: products of bf16 numbers are exact in it, and other factors are rounded to it. */
    @TestFactory
    Stream<DynamicTest> isThatOfRoundedFactorsInTf32() {
        assumeTrue(TestDevices.hasCuda());
        OpCase frozen = new OpCase("frozen", l -> loss(l, 40, l.frozen("w", 300, 40), null, 0.1));
        OpCase shared = new OpCase("shared", l -> loss(l, 16, l.shared("w", 257, 16), l.shared("b", 1, 257), 0));
        return Stream.of(frozen, shared).map(c -> DynamicTest.dynamicTest(c.name(), () -> {
            Batch batch = Batch.of(new int[] {5, 1, 33});
            TestData data = new TestData(c.name().hashCode()), rounded = rounded(graph(c, batch, false), data, batch);
            check(c, batch, rounded, rounded, WeightType.TF32, 1.0 / (1 << 11));
        }));
    }

    // Half of the rows, those of negative weight, become rows of weight 0.
    private static Value loss(Leaves l, int d, Value weight, Value bias, double smoothing) {
        Value rowWeight = Ops.activate(Activation.RELU, l.constant("weight", Batch.TOKENS, 1));
        return headCrossEntropy(l.x("h", d), weight, bias, l.below("label", Batch.TOKENS, weight.shape().rows()), rowWeight, smoothing, true);
    }

    private static void check(OpCase op, Batch batch) {
        TestData data = new TestData(op.name().hashCode());
        check(op, batch, data, rounded(graph(op, batch, false), data, batch), WeightType.BF16, ROUNDING);
    }

    private static TestData rounded(Graph graph, TestData data, Batch batch) {
        TestData rounded = new TestData(data.seed());
        for (String leaf : List.of("h", "w", DIRECTION + "h", DIRECTION + "w")) {
            leaf(graph, leaf).forEach(found -> rounded.set(leaf, Bf16.rounded(data.reals(found, batch))));
        }
        return rounded;
    }

    private static void check(OpCase op, Batch batch, TestData data, TestData rounded, WeightType type, double rounding) {
        Map<String, double[]> expected, actual;
        try (GraphRun run = new GraphRun(graph(op, batch, true), 1, rounded, batch)) {
            expected = run.run(batch, rounded);
        }
        try (GraphRun run = new GraphRun(graph(op, batch, false), Device.cuda(0).withWeights(type), data, batch)) {
            actual = run.run(batch, data);
            run.poison(batch, data);
            run.run(batch, data).forEach((name, again) -> assertArrayEquals(actual.get(name), again, name + " of a second run"));
        }
        assertClose("loss", actual.get("loss"), expected.get("loss"), SUMS, 0);
        compare(actual, expected, "d_", rounding);
        // A tangent is a sum of twice as many products.
        compare(actual, expected, "t_", 2 * rounding);
        assertTrue(RelativeError.of(actual.get("d_h"), expected.get("d_h"), 0) > SUMS, "these are not rounded factors");
    }

    private static void compare(Map<String, double[]> actual, Map<String, double[]> expected, String kind, double rounding) {
        double group = Math.sqrt(expected.entrySet().stream().filter(e -> e.getKey().startsWith(kind)).mapToDouble(e -> Math.pow(norm(e.getValue()), 2)).sum());
        expected.forEach((name, value) -> {
            if (name.startsWith(kind)) {
                assertClose(name, actual.get(name), value, name.equals("d_b") ? SUMS : rounding, group);
            }
        });
    }

    // The loss, its gradients by all leaves that are wanted, and how they change along directions of all of these.
    private static Graph graph(OpCase op, Batch batch, boolean reference) {
        Graph written = new Graph(batch.laneCount(), DType.F32);
        Leaves leaves = new Leaves(written, batch);
        written.output("loss", op.build().apply(leaves));
        leaves.wanted().forEach(value -> written.output("leaf " + ((Leaf) value.node().op()).leafName(), value));
        Graph graph = reference ? Decomposition.of(written, DType.F64) : Decomposition.forTangents(written);
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
        return graph;
    }

    private static Stream<Leaf> leaf(Graph graph, String name) {
        return graph.nodes().stream().filter(node -> node.op() instanceof Leaf leaf && leaf.leafName().equals(name)).map(node -> (Leaf) node.op());
    }

    /** dh and dW by hand, with every rounding: few rows, so that a factor which lies where bf16 rounds the other way is unlikely. */
    @TestFactory
    Stream<DynamicTest> roundsItsFactorsOnce() {
        assumeTrue(TestDevices.hasCuda());
        return Stream.of(DynamicTest.dynamicTest("frozen", () -> checkByHand(l -> l.frozen("w", ByHand.WORDS, ByHand.D))),
            DynamicTest.dynamicTest("trained", () -> checkByHand(l -> l.parameter("w", ByHand.WORDS, ByHand.D))));
    }

    private static void checkByHand(Function<Leaves, Value> weight) {
        Batch batch = Batch.of(new int[] {ByHand.ROWS});
        TestData data = new TestData(3);
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        Value h = l.x("h", ByHand.D), w = weight.apply(l), label = l.below("label", Batch.TOKENS, ByHand.WORDS), rows = l.constant("weight", Batch.TOKENS, 1);
        Value loss = headCrossEntropy(h, w, null, label, rows, ByHand.SMOOTHING, true);
        List<Value> moving = l.wanted(), gradients = Gradient.of(loss, moving);
        for (int i = 0; i < moving.size(); i++) {
            graph.output("d_" + ((Leaf) moving.get(i).node().op()).leafName(), gradients.get(i));
        }
        ByHand expected = new ByHand(Bf16.rounded(reals(h, data, batch)), Bf16.rounded(reals(w, data, batch)), data.integers((Leaf) label.node().op(), batch),
            reals(rows, data, batch));
        try (GraphRun run = new GraphRun(graph, Device.cuda(0).withWeights(WeightType.BF16), data, batch)) {
            Map<String, double[]> actual = run.run(batch, data);
            assertClose("dh", actual.get("d_h"), expected.dh(), SUMS, 0);
            if (actual.containsKey("d_w")) {
                assertClose("dW", actual.get("d_w"), expected.dw(), SUMS, 0);
            }
        }
    }

    private static double[] reals(Value leaf, TestData data, Batch batch) {
        return data.reals((Leaf) leaf.node().op(), batch);
    }

    /** The gradients of a head whose words lie in one chunk, with rounded h and w. */
    private record ByHand(double[] h, double[] w, int[] label, double[] weight) {

        static final int ROWS = 9;
        static final int WORDS = 300;
        static final int D = 40;
        static final double SMOOTHING = 0.1;

        private double[] logits(int t) {
            return IntStream.range(0, WORDS).mapToDouble(v -> IntStream.range(0, D).mapToDouble(c -> h[t * D + c] * w[v * D + c]).sum()).toArray();
        }

        private static double rounded(double factor) {
            return Bf16.rounded((float) factor);
        }

        double[] dh() {
            double[] dh = new double[ROWS * D];
            for (int t = 0; t < ROWS; t++) {
                double[] z = logits(t);
                double top = (float) IntStream.range(0, WORDS).mapToDouble(v -> z[v]).max().orElseThrow(), others = 0;
                for (int v = 0; v < WORDS; v++) {
                    others += v == label[t] ? 0 : Math.exp(z[v] - top);
                }
                double total = others + Math.exp(z[label[t]] - top);
                for (int v = 0; v < WORDS; v++) {
                    double factor = v == label[t] ? SMOOTHING - others / total : rounded(Math.exp(z[v] - top)) / total;
                    for (int c = 0; c < D; c++) {
                        dh[t * D + c] += weight[t] * (factor - SMOOTHING / WORDS) * w[v * D + c];
                    }
                }
            }
            return dh;
        }

        double[] dw() {
            double[] dw = new double[WORDS * D];
            for (int t = 0; t < ROWS; t++) {
                double[] z = logits(t);
                double sum = IntStream.range(0, WORDS).mapToDouble(v -> Math.exp(z[v])).sum();
                for (int v = 0; v < WORDS; v++) {
                    double factor = rounded(weight[t] * (Math.exp(z[v]) / sum - SMOOTHING / WORDS - (v == label[t] ? 1 - SMOOTHING : 0)));
                    for (int c = 0; c < D; c++) {
                        dw[v * D + c] += factor * h[t * D + c];
                    }
                }
            }
            return dw;
        }
    }
}
