package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.Node;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Forward-over-reverse through the fused kernels, against float64 reverse-over-reverse on the primitives. */
class AttentionTangentTest {

    // That of an op's float32 gradients.
    private static final double TOLERANCE = 5e-6;
    private static final AttentionCases EVERYTHING =
        new AttentionCases("everything", new Attention(2, true, 0.4, new RelativeBuckets(8, 20, false)), AttentionCases.MORE_KEYS, 3);

    /** The longest has two blocks of queries; 9 queries are the fewest that do not read their keys in place. */
    private static List<Batch> batches() {
        return List.of(Batch.of(new int[] {1}), Batch.of(new int[] {13, 8, 9}), Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}));
    }

    @TestFactory
    Stream<DynamicTest> everyKindAgreesWithItsReference() {
        List<AttentionCases> kinds = new ArrayList<>(AttentionCases.all());
        kinds.add(new AttentionCases("full", new Attention(3, false, 0.4, null), null, 0));
        kinds.add(new AttentionCases("full, 2 heads of 64", Attention.full(2, 128), 64, null, 0, "qkv"));
        kinds.add(EVERYTHING);
        return kinds.stream().flatMap(kind -> batches().stream().map(sizes -> {
            long seed = 31L * kind.name().hashCode() + sizes.toString().hashCode();
            String name = kind.name() + ", lengths " + sizes + ", seed " + seed;
            return DynamicTest.dynamicTest(name, () -> checkAllMoving(name, MovingAttention.of(kind, sizes, seed)));
        }));
    }

    private static void checkAllMoving(String name, MovingAttention attention) {
        Map<String, double[]> expected = sum(attention.reference(), attention.operands());
        for (int threads = 1; threads <= 2; threads++) {
            compare(name + ", " + threads + " threads", attention.fused(attention.operands(), attention.results(), threads), expected);
        }
    }

    // Tangents are linear in the directions: those of a subset add up.
    @TestFactory
    Stream<DynamicTest> everySubsetOfTangentsAgreesWithItsReference() {
        long seed = 20_261_123L;
        return Stream.of(Batch.of(new int[] {21, 4}, new int[] {}, new int[] {50}), Batch.of(new int[] {3, 8})).map(sizes ->
            DynamicTest.dynamicTest("lengths " + sizes + ", seed " + seed, () -> {
                MovingAttention attention = MovingAttention.of(EVERYTHING, sizes, seed);
                Map<String, Map<String, double[]>> reference = attention.reference();
                for (List<String> moving : subsets(attention.operands())) {
                    compare("moving " + moving + ", seed " + seed, attention.fused(moving, attention.results(), 1), sum(reference, moving));
                }
            }));
    }

    @Test
    void everyResultAloneIsAsAmongAll() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {21, 4}, new int[] {50}), 7);
        for (List<String> moving : List.of(attention.operands(), List.of("v"), List.of("do"), List.of("q", "prefix values"), List.of("bias", "k"))) {
            Map<String, double[]> all = attention.fused(moving, attention.results(), 1);
            for (String one : attention.results()) {
                assertArrayEquals(all.get(one), attention.fused(moving, List.of(one), 1).get(one), one + " along " + moving);
            }
        }
    }

    @Test
    void computesOnlyTheTangentsThatAreAskedFor() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {4}), 7);
        for (String one : attention.operands().subList(1, 7)) {
            assertEquals(1, made(attention.fusedGraph(attention.operands(), List.of(one)), "attention_backward_tangent"), one);
        }
        assertEquals(0, made(attention.fusedGraph(List.of("v"), List.of("v", "prefix values")), "attention_backward_tangent"));
        assertEquals(0, made(attention.fusedGraph(List.of("do"), List.of("o")), "attention_tangent"));
        assertEquals(4, made(attention.fusedGraph(List.of("v"), attention.results()), "attention_backward_tangent"));
    }

    private static long made(Graph graph, String op) {
        return graph.nodes().stream().filter(n -> n.op().name().equals(op)).flatMap(n -> n.outputs().stream()).filter(Objects::nonNull).count();
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {13, 1, 65, 7, 4}, new int[] {2, 30}), 11);
        Map<String, double[]> one = attention.fused(attention.operands(), attention.results(), 1);
        for (int threads : new int[] {2, 3, 5}) {
            attention.fused(attention.operands(), attention.results(), threads).forEach((name, value) ->
                assertArrayEquals(one.get(name), value, threads + " threads, " + name));
        }
    }

    @Test
    void refusesTangentsThatDoNotFit() {
        Batch batch = EVERYTHING.extend(Batch.of(new int[] {4}));
        Leaves leaves = new Leaves(new Graph(1, DType.F32), batch);
        AttentionInputs in = EVERYTHING.inputs(leaves);
        Node node = leaves.graph().append(EVERYTHING.kind(), in.list());
        Value[] none = new Value[8];
        assertThrows(ShapeException.class, () -> tangent(node, none), "no tangent");
        for (int i : new int[] {0, 1, 2, 5, 6, 7}) {
            Value[] wrong = none.clone();
            wrong[i] = leaves.constant("narrow", Batch.TOKENS, 3);
            assertThrows(ShapeException.class, () -> tangent(node, wrong), "tangent " + i);
        }
        Node plain = leaves.graph().add(new Attention(2, true, 1, null), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), null, null, null);
        Value[] ofNothing = none.clone();
        ofNothing[5] = in.bias();
        assertThrows(ShapeException.class, () -> tangent(plain, ofNothing));
    }

    private static void tangent(Node node, Value... tangents) {
        node.op().tangent(node, Arrays.asList(tangents), new boolean[] {true, false});
    }

    private static List<List<String>> subsets(List<String> all) {
        return IntStream.range(1, 1 << all.size()).mapToObj(bits ->
            IntStream.range(0, all.size()).filter(i -> (bits >> i & 1) == 1).mapToObj(all::get).toList()).toList();
    }

    private static Map<String, double[]> sum(Map<String, Map<String, double[]>> byOperand, Collection<String> moving) {
        Map<String, double[]> sums = new LinkedHashMap<>();
        for (String operand : moving) {
            byOperand.get(operand).forEach((result, value) -> sums.merge(result, value, AttentionTangentTest::added));
        }
        return sums;
    }

    private static double[] added(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    private static void compare(String what, Map<String, double[]> actual, Map<String, double[]> expected) {
        double group = Math.sqrt(expected.values().stream().mapToDouble(v -> Math.pow(norm(v), 2)).sum());
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, value) -> assertClose(what + ": " + name, actual.get(name), value, TOLERANCE, group));
    }
}
