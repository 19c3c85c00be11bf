package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
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
import org.primer4j.engine.Device;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.Node;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

/** Tangents of attention's fused kernels when only some operands move; {@link AttentionTest} checks every kind when all do. */
class AttentionTangentTest {

    // That of an op's float32 gradients.
    private static final double TOLERANCE = 5e-6;
    /**
     * Scores, few of which are above 256, are off by 2^-17 for each of up to 8 roundings (products of 5 terms, scale, bias, the sum's logarithm), and P
     * and its tangent by as much of themselves.
     */
    private static final double OF_LARGE_SCORES = 2 * 8.0 / (1 << 17);
    private static final long SEED = 20_261_123L;
    private static final AttentionCases CROSS = new AttentionCases("cross", new Attention(2, false, 0.3, null), AttentionCases.ANY_KEYS, 0);
    private static final AttentionCases EVERYTHING =
        new AttentionCases("everything", new Attention(2, true, 0.4, new RelativeBuckets(8, 20, false)), AttentionCases.MORE_KEYS, 3);

    // Two blocks of queries, and queries that read their keys in place. Tangents are linear in the directions: those of a subset add up.
    @TestFactory
    Stream<DynamicTest> everySubsetOfTangentsAgreesWithItsReference() {
        List<Batch> batches = List.of(Batch.of(new int[] {21, 4}, new int[] {}, new int[] {50}), Batch.of(new int[] {3, 8, 9}));
        return Stream.of(EVERYTHING, CROSS).flatMap(kind -> batches.stream().map(sizes ->
            DynamicTest.dynamicTest(kind.name() + ", lengths " + sizes + ", seed " + SEED, () -> {
                MovingAttention attention = MovingAttention.of(kind, sizes, SEED);
                Map<String, Map<String, double[]>> reference = attention.reference();
                for (List<String> moving : subsets(attention.operands())) {
                    compare("moving " + moving + ", seed " + SEED, attention.fused(moving, attention.operands(), 1), sum(reference, moving), TOLERANCE);
                }
            })));
    }

    /** Where nearly all of a query's probability is one key's, so that sums over keys all but cancel. The CPU's own error is up to 3.2e-4. */
    @TestFactory
    Stream<DynamicTest> largeScoresAgreeOnCuda() {
        Batch sizes = Batch.of(new int[] {21, 4}, new int[] {}, new int[] {50});
        return Stream.of(EVERYTHING, CROSS).map(kind -> DynamicTest.dynamicTest(kind.name() + ", seed " + SEED, () -> {
            assumeTrue(TestDevices.hasCuda());
            MovingAttention attention = MovingAttention.of(kind, sizes, SEED).scaled(8);
            Map<String, Map<String, double[]>> reference = attention.reference();
            List<List<String>> moving = Stream.concat(Stream.of(attention.operands()), attention.operands().stream().map(List::of)).toList();
            for (List<String> some : moving) {
                compare("moving " + some, attention.fused(some, attention.operands(), Device.cuda(0)), sum(reference, some), OF_LARGE_SCORES);
            }
        }));
    }

    @Test
    void everyResultAloneIsAsAmongAll() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {21, 4}, new int[] {50}), SEED);
        List<List<String>> subsets = List.of(attention.operands(), List.of("v"), List.of("do"), List.of("q", "prefix_values"), List.of("bias", "k"));
        for (List<String> moving : subsets) {
            Map<String, double[]> all = attention.fused(moving, attention.operands(), 1);
            for (String one : attention.operands()) {
                assertArrayEquals(all.get(one), attention.fused(moving, List.of(one), 1).get(one), one + " along " + moving);
            }
        }
    }

    @Test
    void computesOnlyTheTangentsThatAreAskedFor() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {4}), SEED);
        for (String one : attention.operands().subList(1, attention.operands().size())) {
            assertEquals(1, made(attention.fusedGraph(attention.operands(), List.of(one)), "attention_backward_tangent"), one);
        }
        assertEquals(0, made(attention.fusedGraph(List.of("v"), List.of("v", "prefix_values")), "attention_backward_tangent"));
        assertEquals(4, made(attention.fusedGraph(List.of("v"), attention.operands()), "attention_backward_tangent"));
        assertEquals(0, made(attention.fusedGraph(List.of("do"), List.of("do")), "attention_tangent"));
    }

    private static long made(Graph graph, String op) {
        return graph.nodes().stream().filter(n -> n.op().name().equals(op)).flatMap(n -> n.outputs().stream()).filter(Objects::nonNull).count();
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        MovingAttention attention = MovingAttention.of(EVERYTHING, Batch.of(new int[] {13, 1, 65, 7, 4}, new int[] {2, 30}), SEED);
        Map<String, double[]> one = attention.fused(attention.operands(), attention.operands(), 1);
        for (int threads : new int[] {2, 3, 5}) {
            attention.fused(attention.operands(), attention.operands(), threads).forEach((name, value) ->
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
        Attention without = new Attention(2, true, 1, null);
        Node plain = leaves.graph().add(without, in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), null, null, null);
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

    private static void compare(String what, Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
        double group = Math.sqrt(expected.values().stream().mapToDouble(v -> Math.pow(norm(v), 2)).sum());
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, value) -> assertClose(what + ": " + name, actual.get(name), value, tolerance, group));
    }
}
