package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.tanh;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TangentTest {

    private static final Batch BATCH = Batch.of(new int[] {5});

    private final Graph graph = new Graph(1, DType.F32);
    private final Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 10), 6));
    private final Value w = graph.shared("w", 4, 6);
    private final Value other = graph.parameter("other", 4, 6);

    @Test
    void isZeroWhereNothingMoves() {
        Value y = linear(x, w, null);
        int before = graph.nodes().size();
        List<Value> tangents = Tangent.of(List.of(y, tanh(x)), Map.of(other, graph.direction(other)));
        assertEquals(4, graph.nodes().size() - before, "tanh, the direction and two zeros: nothing is computed for what stands still");
        graph.output("y_t", tangents.get(0));
        TestData data = new TestData(1);
        try (GraphRun run = new GraphRun(graph, 1, data, BATCH)) {
            assertArrayEquals(new double[5 * 4], run.run(BATCH, data).get("y_t"));
        }
    }

    @Test
    void theTangentOfALeafIsItsDirection() {
        Value direction = graph.direction(w);
        assertEquals(List.of(direction), Tangent.of(List.of(w), Map.of(w, direction)));
    }

    @Test
    void refusesADirectionOfAnotherShape() {
        ShapeException e = assertThrows(ShapeException.class, () -> Tangent.of(List.of(linear(x, w, null)), Map.of(w, graph.direction(other))));
        assertTrue(e.getMessage().contains("lanes x [4, 6] instead of [4, 6]"), e.getMessage());
    }

    // A computed direction could run behind the tangents that read it.
    @Test
    void refusesWhatIsComputed() {
        assertThrows(IllegalArgumentException.class, () -> Tangent.of(List.of(linear(x, w, null)), Map.of(w, Ops.scale(w, 2))));
        Value y = linear(x, w, null), v = graph.input("v", y.shape());
        assertThrows(IllegalArgumentException.class, () -> Tangent.of(List.of(tanh(y)), Map.of(y, v)));
    }

    @Test
    void namesTheOpThatHasNone() {
        Value e = Ops.l2Normalize(linear(x, w, null));
        NoTangentException refused = assertThrows(NoTangentException.class, () -> Tangent.of(List.of(e), Map.of(w, graph.direction(w))));
        assertTrue(refused.getMessage().startsWith("l2_normalize has no tangent: decompose it"), refused.getMessage());
        Value k = Ops.headTopK(linear(x, w, null), graph.weight("head", 9, 4), null, null, null, 2, false).output(0);
        refused = assertThrows(NoTangentException.class, () -> Tangent.of(List.of(k), Map.of(w, graph.direction(w))));
        assertTrue(refused.getMessage().startsWith("head_top_k chooses tokens"), refused.getMessage());
    }

    // Each saved number and its tangent: twice the memory, if what is no longer needed is given up as early as without tangents.
    @Test
    void productsTakeTwiceTheGradientsMemory() {
        Batch batch = SmallEncoder.withExamples(Batch.of(new int[] {60, 70, 50, 20}));
        long gradient = Plan.of(gradients(encoder(batch), false)).bytes(), product = Plan.of(gradients(encoder(batch), true)).bytes();
        assertTrue(product < 2.2 * gradient, product + " bytes, the gradient alone " + gradient);
    }

    @Test
    void nothingRunsBeforeWhatItReads() {
        Plan plan = Plan.of(gradients(encoder(SmallEncoder.withExamples(BATCH)), true));
        Set<Value> made = new HashSet<>();
        int tangents = 0;
        for (Node node : plan.nodes()) {
            tangents += node.rank() < node.id() ? 1 : 0;
            node.inputs().stream().filter(v -> v != null && !(v.node().op() instanceof Leaf))
                .forEach(v -> assertTrue(made.contains(v), () -> node + " runs before " + v));
            made.addAll(node.outputs());
        }
        assertTrue(tangents > 50, tangents + " nodes run earlier than they were added");
    }

    private static Graph encoder(Batch batch) {
        Graph source = new Graph(1, DType.F32);
        source.output("loss", SmallEncoder.trained(new Leaves(source, batch)));
        return Decomposition.forTangents(source);
    }

    private static Graph gradients(Graph encoder, boolean tangents) {
        List<Value> parameters = encoder.leaves(Leaf.Kind.PARAMETER);
        List<Value> results = Gradient.of(encoder.outputs().get("loss"), parameters);
        if (tangents) {
            Map<Value, Value> directions = new LinkedHashMap<>();
            parameters.forEach(p -> directions.put(p, encoder.direction(p)));
            results = Tangent.of(results, directions);
        }
        List<Value> named = new ArrayList<>(results);
        for (int i = 0; i < named.size(); i++) {
            encoder.output("result " + i, named.get(i));
        }
        return encoder;
    }
}
