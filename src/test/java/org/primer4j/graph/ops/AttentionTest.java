package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.graph.Ops.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Ops;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.TestData;
import org.primer4j.graph.Value;

class AttentionTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("3 heads of 5", l -> attention(l.x("q", 15), l.x("k", 15), l.x("v", 15), l.sequences(), 3)),
            new OpCase("2 heads of 16", l -> attention(l.x("q", 32), l.x("k", 32), l.x("v", 32), l.sequences(), 2)),
            new OpCase("1 head of 1", l -> attention(l.x("q", 1), l.x("k", 1), l.x("v", 1), l.sequences(), 1)),
            new OpCase("one input thrice", l -> {
                Value x = l.x("x", 12);
                return attention(x, x, x, l.sequences(), 4);
            }));
    }

    @TestFactory
    Stream<DynamicTest> everyKindAgreesWithItsReference() {
        return AttentionCases.all().stream().flatMap(c -> OpChecks.of(OpChecks.batches(), c::extend, c.fused()));
    }

    // The gradient of the gradient, from the primitives: in float32 and float64 and against differences of the first gradient.
    @TestFactory
    Stream<DynamicTest> secondDerivatives() {
        Attention near = new Attention(2, false, 1, new RelativeBuckets(4, 6, true)), before = new Attention(2, true, 1, new RelativeBuckets(4, 6, false));
        return Stream.of(
            second("q", new AttentionCases("causal", new Attention(3, true, 0.4, null), null, 0), AttentionInputs::q),
            second("k", new AttentionCases("cross", new Attention(3, false, 0.4, null), AttentionCases.ANY_KEYS, 0), AttentionInputs::k),
            second("v", new AttentionCases("relative bias", near, null, 0), AttentionInputs::v),
            second("bias", new AttentionCases("everything", before, AttentionCases.MORE_KEYS, 2), AttentionInputs::bias),
            second("prefix keys", new AttentionCases("everything", before, null, 2), in -> in.prefix().keys()),
            second("prefix values", new AttentionCases("prefix", near, null, 3), in -> in.prefix().values())).flatMap(s -> s);
    }

    private static Stream<DynamicTest> second(String by, AttentionCases c, Function<AttentionInputs, Value> which) {
        List<Batch> small = List.of(Batch.of(new int[] {1, 5}), Batch.of(new int[] {4, 9}, new int[] {}, new int[] {3}));
        return OpChecks.of(small, c::extend, new OpCase("gradient by " + by + ", " + c.name(), 1e-5, 2e-5, l -> {
            AttentionInputs in = c.inputs(l);
            Value o = c.kind().decompose(in.list()).get(0);
            return Gradient.of(Ops.mul(o, o), List.of(which.apply(in))).get(0);
        }));
    }

    // Of all things that several sequences add up: the bits must not depend on which thread took which sequence.
    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        AttentionCases c = new AttentionCases("all", new Attention(4, true, 0.3, new RelativeBuckets(8, 20, false)), AttentionCases.MORE_KEYS, 3);
        Batch batch = c.extend(Batch.of(new int[] {13, 1, 65, 7, 4}, new int[] {2, 30}));
        Graph graph = new Graph(2, DType.F32);
        AttentionInputs in = c.inputs(new Leaves(graph, batch));
        Value o = attention(c.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix());
        List<Value> wanted = in.list().stream().filter(v -> v.dtype() == DType.F32).toList(), gradients = Gradient.of(Ops.mul(o, o), wanted);
        graph.output("o", o);
        for (int i = 0; i < wanted.size(); i++) {
            graph.output("gradient " + i, gradients.get(i));
        }
        TestData data = new TestData(11);
        Map<String, double[]> one = results(graph, 1, batch, data);
        for (int threads : new int[] {2, 3, 5}) {
            results(graph, threads, batch, data).forEach((name, value) -> assertArrayEquals(one.get(name), value, threads + " threads, " + name));
        }
    }

    private static Map<String, double[]> results(Graph graph, int threads, Batch batch, TestData data) {
        try (GraphRun run = new GraphRun(graph, threads, data, batch)) {
            return run.run(batch, data);
        }
    }

    // Generation: keys and values of the source lie in states that the encoder's program wrote.
    @Test
    void keysAndValuesMayBeStates() {
        AttentionCases c = new AttentionCases("cross", Attention.full(2, 32), 16, AttentionCases.ANY_KEYS, 0, "");
        Batch batch = c.extend(Batch.of(new int[] {4, 1, 12, 3}));
        TestData data = new TestData(5);
        Graph graph = new Graph(1, DType.F32);
        AttentionInputs in = c.inputs(new Leaves(graph, batch));
        Value k = graph.state("k", in.k().shape().axis(), 32), v = graph.state("v", in.v().shape().axis(), 32);
        for (Value state : List.of(k, v)) {
            Leaf leaf = (Leaf) state.node().op();
            data.set(leaf.leafName(), data.reals(new Leaf(Leaf.Kind.INPUT, leaf.leafName(), leaf.shape(), leaf.leafType(), null), batch));
        }
        graph.output("of inputs", attention(c.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), null, null));
        graph.output("of states", attention(c.kind(), in.q(), k, v, in.queryOffsets(), in.keyOffsets(), null, null));
        Map<String, double[]> results = results(graph, 1, batch, data);
        assertArrayEquals(results.get("of inputs"), results.get("of states"));
    }

    @Test
    void computesOnlyTheGradientsThatAreAskedFor() {
        Graph graph = new Graph(1, DType.F32);
        Leaves leaves = new Leaves(graph, Batch.of(new int[] {4}));
        AttentionCases all = new AttentionCases("all", new Attention(2, true, 1, new RelativeBuckets(4, 6, false)), null, 2);
        AttentionInputs in = all.inputs(leaves);
        Value o = attention(all.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix());
        for (Value one : in.list()) {
            if (one != in.queryOffsets() && one != in.keyOffsets()) {
                Value gradient = Gradient.of(o, List.of(one)).get(0);
                assertEquals(1, gradient.node().outputs().stream().filter(Objects::nonNull).count(), "gradient of " + one);
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Leaves l = new Leaves(new Graph(1, DType.F32), new AttentionCases("", new Attention(2, false, 1, null), n -> n + 1, 0).extend(Batch.of(new int[] {4})));
        Graph graph = l.graph();
        Value q = l.x("q", 6), k = l.rows("k", "keys", 6), qo = l.sequences(), ko = l.offsets(Batch.SEQUENCES, "keys");
        Attention plain = new Attention(2, false, 1, null), biased = new Attention(2, false, 1, new RelativeBuckets(8, 20, true));
        Prefix wide = new Prefix(graph.parameter("wide_k", 2, 8), graph.parameter("wide_v", 2, 8));
        List<Runnable> wrong = new ArrayList<>();
        wrong.add(() -> attention(plain, q, k, q, qo, ko, null, null));
        wrong.add(() -> attention(plain, q, k, k, qo, qo, null, null));
        wrong.add(() -> attention(plain, q, k, k, ko, qo, null, null));
        wrong.add(() -> attention(plain, q, l.rows("narrow", "keys", 4), k, qo, ko, null, null));
        wrong.add(() -> attention(plain, q, k, k, qo, graph.offsets("other", graph.axis("texts", 3), k.shape().axis(), 4), null, null));
        wrong.add(() -> attention(plain, q, k, k, qo, ko, graph.weight("b", 8, 2), null));
        wrong.add(() -> attention(biased, q, k, k, qo, ko, null, null));
        wrong.add(() -> attention(biased, q, k, k, qo, ko, graph.weight("short", 7, 2), null));
        wrong.add(() -> attention(biased, q, k, k, qo, ko, graph.weight("heads", 8, 3), null));
        wrong.add(() -> attention(plain, q, k, k, qo, ko, null, wide));
        wrong.add(() -> new Prefix(graph.parameter("pk", 2, 6), graph.parameter("pv", 3, 6)));
        wrong.add(() -> new Prefix(graph.weight("pwk", 2, 6), graph.weight("pwv", 2, 6)));
        for (int i = 0; i < wrong.size(); i++) {
            Runnable one = wrong.get(i);
            assertThrows(ShapeException.class, one::run, "wrong graph " + i);
        }
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Attention(2, false, scale, null));
        }
        assertThrows(IllegalArgumentException.class, () -> new Attention(0, false, 1, null));
    }
}
