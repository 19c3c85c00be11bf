package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Decomposition;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.Ops;
import org.primer4j.graph.RelativeError;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

/** Attention on tensor cores, for leaves that are bf16 numbers: then only probabilities, and the scores' gradients, are rounded on the way. */
class Bf16AttentionTest {

    /**
     * Half a unit in bf16's last place, which no rounding exceeds: outputs and gradients are sums of rounded weights times exact numbers, and
     * as long as a sum where every weight is off by that much, its signs at random.
     */
    private static final double ROUNDING = 1.0 / (1 << 9);
    /** What float32 sums stay below by far, so that a result this close was not rounded. */
    private static final double NOT_ROUNDED = 1e-5;

    @TestFactory
    Stream<DynamicTest> isExactUpToTheRoundingOfWeights() {
        assumeTrue(TestDevices.hasCuda());
        RelativeBuckets both = new RelativeBuckets(32, 128, true), before = new RelativeBuckets(32, 128, false);
        List<AttentionCases> cases = List.of(
            new AttentionCases("2 heads of 32", new Attention(2, false, 0.18, null), 32, null, 0, "qkv"),
            new AttentionCases("3 heads of 64, causal", new Attention(3, true, 0.125, null), 64, null, 0, "qkv"),
            new AttentionCases("1 head of 128, cross", new Attention(1, false, 0.09, null), 128, AttentionCases.ANY_KEYS, 0, "qkv"),
            new AttentionCases("2 heads of 64, relative bias", new Attention(2, false, 0.125, both), 64, null, 0, "qkvb"),
            new AttentionCases("2 heads of 64, prefix, relative bias, causal", new Attention(2, true, 0.125, before), 64, AttentionCases.MORE_KEYS, 30,
                "qkvbp"),
            new AttentionCases("3 heads of 5, prefix beyond a tile", new Attention(3, true, 0.4, null), 5, null, 70, "qkvp"));
        List<Batch> batches = List.of(Batch.of(new int[] {207}), Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}), Batch.of(new int[] {300}, new int[] {130}));
        return cases.stream().flatMap(c -> batches.stream().map(sizes ->
            DynamicTest.dynamicTest(c.name() + ", lengths " + sizes, () -> check(c, List.of(c.extend(sizes)), ROUNDING))));
    }

    /** Holds output and gradients on the CUDA device against float64, batch after batch in one program with room for the first; returns the last. */
    static Map<String, double[]> check(AttentionCases c, List<Batch> batches, double tolerance) {
        Graph fused = graph(c, batches.get(0));
        TestData first = rounded(fused, batches.get(0), new TestData(c.name().hashCode()));
        Graph reference = Decomposition.of(fused, DType.F64);
        differentiate(fused);
        differentiate(reference);
        Map<String, double[]> actual = Map.of();
        try (GraphRun exact = new GraphRun(reference, 1, first, batches.get(0));
             GraphRun run = new GraphRun(fused, Device.cuda(0).withWeights(WeightType.BF16), first, batches.get(0))) {
            for (Batch batch : batches) {
                actual = check(run, exact, batch, rounded(fused, batch, new TestData(c.name().hashCode())), tolerance);
            }
        }
        return actual;
    }

    private static Map<String, double[]> check(GraphRun run, GraphRun exact, Batch batch, TestData data, double tolerance) {
        Map<String, double[]> expected = exact.run(batch, data), actual = run.run(batch, data);
        run.poison(batch, data);
        run.run(batch, data).forEach((name, again) -> assertArrayEquals(actual.get(name), again, name + " of a second run"));
        double group = Math.sqrt(expected.entrySet().stream().filter(e -> e.getKey().startsWith("d_")).mapToDouble(e -> Math.pow(norm(e.getValue()), 2)).sum());
        expected.forEach((name, value) -> assertClose(name, actual.get(name), value, tolerance, name.startsWith("d_") ? group : 0));
        assertTrue(RelativeError.of(actual.get("y"), expected.get("y"), 0) > NOT_ROUNDED, "these are not products in bf16");
        return actual;
    }

    private static Graph graph(AttentionCases c, Batch batch) {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        AttentionInputs in = c.inputs(new Leaves(graph, batch));
        Value y = graph.output("y", Ops.attention(c.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix()));
        graph.output("loss", Ops.mul(y, graph.input("loss_weight", y.shape())));
        in.list().stream().filter(v -> v != null && v.dtype() == DType.F32).forEach(v -> graph.output("leaf " + ((Leaf) v.node().op()).leafName(), v));
        return graph;
    }

    private static void differentiate(Graph graph) {
        List<String> leaves = graph.outputs().keySet().stream().filter(name -> name.startsWith("leaf ")).toList();
        List<Value> gradients = Gradient.of(graph.outputs().get("loss"), leaves.stream().map(graph.outputs()::get).toList());
        for (int i = 0; i < leaves.size(); i++) {
            graph.output("d_" + leaves.get(i), gradients.get(i));
        }
    }

    private static TestData rounded(Graph graph, Batch batch, TestData data) {
        graph.nodes().stream().filter(n -> n.op() instanceof Leaf leaf && leaf.leafType() == DType.F32).map(n -> (Leaf) n.op())
            .forEach(leaf -> data.set(leaf.leafName(), Arrays.stream(data.reals(leaf, batch)).map(Bf16AttentionTest::toBf16).toArray()));
        return data;
    }

    private static double toBf16(double x) {
        int bits = Float.floatToIntBits((float) x);
        return Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
    }
}
