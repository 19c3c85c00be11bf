package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.primer4j.graph.ops.Activation;
import org.primer4j.graph.ops.Dropout;
import org.primer4j.graph.ops.GatherRows;
import org.primer4j.graph.ops.Optimize;
import org.primer4j.graph.ops.PairProducts;
import org.primer4j.graph.ops.PickColumn;
import org.primer4j.graph.ops.PickInSegment;

/** Wrong graphs are refused when they are written, by a sentence that names the op and the shapes. */
class GraphMisuseTest {

    private final Graph graph = new Graph(2, DType.F32);
    private final Axis tokens = graph.axis("tokens", 10);
    private final Axis sequences = graph.axis("sequences", 4);
    private final Value x = graph.input("x", Shape.along(tokens, 6));
    private final Value narrow = graph.input("narrow", Shape.along(tokens, 5));
    private final Value other = graph.input("other", Shape.along(sequences, 6));
    private final Value offsets = graph.offsets("offsets", sequences, tokens, 5);
    private final Value ids = graph.indices("ids", tokens, new IndexLimits.Below(7));
    private final Value square = graph.parameter("square", 6, 6);
    private final Value row = graph.parameter("row", 1, 6);
    private final Value table = graph.parameter("table", 6, 6);

    @TestFactory
    Stream<DynamicTest> namesTheOpAndBothShapes() {
        return Stream.of(
            refused("linear", "[5, 7]", "[tokens<=10, 6]", () -> Ops.linear(x, graph.weight("wide", 5, 7), null)),
            refused("linear", "[6, 6]", "[1, 5]", () -> Ops.linear(x, square, graph.parameter("b5", 1, 5))),
            refused("lora_linear", "[tokens<=10, 6]", "[2, 5]",
                () -> Ops.loraLinear(x, x, graph.weight("w", 6, 6), null, graph.parameter("a5", 2, 5), graph.parameter("b", 6, 2), 1)),
            refused("adapter", "[tokens<=10, 6]", "[2, 5]",
                () -> Ops.adapter(x, graph.parameter("d", 2, 5), graph.parameter("db", 1, 2), graph.parameter("u", 6, 2), row)),
            refused("adapter", "[sequences<=4, 6]", "[tokens<=10, 6]", () -> Ops.adapter(other, x, graph.parameter("d6", 2, 6),
                graph.parameter("db", 1, 2), graph.parameter("u", 6, 2), row, Activation.RELU, 1)),
            refused("scale_columns", "[tokens<=10, 5]", "[1, 6]", () -> Ops.scaleColumns(narrow, row)),
            refused("gated", "[tokens<=10, 6]", "[tokens<=10, 5]", () -> Ops.gated(Activation.SILU, x, narrow)),
            refused("rms_norm", "[tokens<=10, 5]", "[1, 6]", () -> Ops.rmsNorm(narrow, row, 1e-6)),
            refused("embedding", "limit=7", "[6, 6]", () -> Ops.embedding(table, 1, null, null, null, ids, null, null)),
            refused("embedding", "together with its indices", "", () -> Ops.embedding(graph.parameter("w7", 7, 6), 1, table, null, null, ids, null, null)),
            refused("embedding", "the prompt", "[2, 5]",
                () -> Ops.embedding(table, 1, null, null, graph.parameter("prompt", 2, 5), ids, null, null)),
            refused("head_cross_entropy", "limit=7", "[tokens<=10, 6]", () -> Ops.headCrossEntropy(x, table, null, ids,
                graph.input("weight", Shape.along(tokens, 1)), 0, true)),
            refused("head_cross_entropy", "[tokens<=10, 5]", "[6, 6]", () -> Ops.headCrossEntropy(narrow, table, null, ids, narrow, 0, true)),
            refused("add_layer_norm", "[tokens<=10, 6]", "[sequences<=4, 6]", () -> Ops.addLayerNorm(x, other, row, row, 1e-5)),
            refused("add_layer_norm", "[tokens<=10, 6]", "[6, 6]", () -> Ops.layerNorm(x, square, row, 1e-5)),
            refused("attention", "[tokens<=10, 6]", "[tokens<=10, 5]", () -> Ops.attention(x, narrow, x, offsets, 2)),
            refused("attention with 4 heads", "[tokens<=10, 6]", "", () -> Ops.attention(x, x, x, offsets, 4)),
            refused("attention", "another axis", "", () -> Ops.attention(other, other, other, offsets, 2)),
            refused("mean_pool", "[sequences<=4, 6]", "", () -> Ops.meanPool(other, offsets)),
            refused("is no offsets input", "ids", "", () -> Ops.meanPool(x, ids)),
            refused("gelu", "lanes x [6, 6]", "", () -> Ops.gelu(square)),
            refused("l2_normalize", "lanes x [6, 6]", "", () -> Ops.l2Normalize(square)),
            refused("add", "[tokens<=10, 6]", "[tokens<=10, 5]", () -> Ops.add(x, narrow)),
            refused("dropout", "[tokens<=10, 6]", "lanes x [1, 2]", () -> Dropout.of(x, graph.laneIntegers("key", 2), 0.1, 0)),
            refused("gather_rows", "[6, 6]", "limit=7", () -> GatherRows.of(table, ids)),
            refused("gather_rows", "[tokens<=10, 6]", "limit=7", () -> GatherRows.of(x, ids)),
            refused("scatter_rows", "[tokens<=10, 6]", "[4, 5]", () -> graph.add(new GatherRows.Scatter(Shape.laned(4, 5)), x, ids)),
            refused("pick_column", "[tokens<=10, 6]", "limit=7", () -> PickColumn.of(x, ids)),
            refused("match_scores", "[tokens<=10, 6]", "limit=7", () -> Ops.matchScores(x, ids, ids, 1)),
            refused("cross_entropy", "[tokens<=10, 6]", "limit=7", () -> Ops.crossEntropy(x, ids, graph.input("weight", Shape.along(tokens, 1)))),
            refused("cross_entropy", "[tokens<=10, 6]", "[tokens<=10, 5]", () -> Ops.crossEntropy(x, ids, narrow)),
            refused("segment_cross_entropy", "[tokens<=10, 1]", "sequences<=4", () -> Ops.segmentCrossEntropy(graph.input("s", Shape.along(tokens, 1)), offsets, ids,
                graph.input("w", Shape.along(sequences, 1)))),
            refused("accumulate", "lanes x [1, 4]", "lanes x [1, 5]",
                () -> graph.add(new Optimize.Accumulate(), graph.state("sum", 4), graph.state("g", 5))));
    }

    private static DynamicTest refused(String op, String one, String two, Executable build) {
        return DynamicTest.dynamicTest(op + " " + one + " " + two, () -> {
            String message = assertThrows(ShapeException.class, build).getMessage();
            assertTrue(message.contains(op) && message.contains(one) && message.contains(two), message);
        });
    }

    @Test
    void refusesAnAxisOfAnotherGraph() {
        Axis foreign = new Graph(2, DType.F32).axis("foreign", 3);
        assertThrows(ShapeException.class, () -> graph.input("y", Shape.along(foreign, 1)));
        assertThrows(ShapeException.class, () -> Ops.broadcastRows(row, foreign));
    }

    @Test
    void refusesPlacesAndPairsOfAnotherAxis() {
        Value places = graph.indices("places", sequences, new IndexLimits.WithinSegment(offsets));
        assertThrows(ShapeException.class, () -> PickInSegment.of(other, offsets, places));
        Axis pairs = graph.axis("pairs", 50);
        PairProducts.Cut cut = new PairProducts.Cut(2, false, offsets, offsets), three = new PairProducts.Cut(3, false, offsets, offsets);
        Value scores = PairProducts.scores(cut, pairs, x, x);
        assertThrows(ShapeException.class, () -> PairProducts.scores(cut, pairs, x, other));
        assertThrows(ShapeException.class, () -> PairProducts.mix(three, scores, x));
        assertThrows(ShapeException.class, () -> PairProducts.mix(cut, scores, other));
        assertThrows(ShapeException.class, () -> PairProducts.mixTransposed(cut, scores, other));
    }

    @Test
    void refusesSizesWhoseBytesOverflow() {
        graph.output("huge", Ops.fill(graph, 1, Shape.shared(Integer.MAX_VALUE, Integer.MAX_VALUE)));
        assertTrue(assertThrows(ShapeException.class, () -> Plan.of(graph)).getMessage().contains("too large"));
    }

    @Test
    void refusesTheGradientOfAFusedBackwardOp() {
        Value loss = Ops.gelu(x);
        Value first = Gradient.of(loss, List.of(x)).get(0);
        String message = assertThrows(NoGradientException.class, () -> Gradient.of(first, List.of(x))).getMessage();
        assertTrue(message.contains("gelu_backward") && message.contains("Decomposition"), message);
    }

    @Test
    void refusesALossOfASavedOutput() {
        Value lse = Ops.attention(x, x, x, offsets, 2).node().output(1);
        assertThrows(NoGradientException.class, () -> Gradient.of(lse, List.of(x)));
    }

    @Test
    void refusesToDecomposeABackwardGraph() {
        Graph attended = new Graph(1, DType.F32);
        Axis rows = attended.axis("tokens", 4);
        Value q = attended.input("q", Shape.along(rows, 2));
        Value o = Ops.attention(q, q, q, attended.offsets("offsets", attended.axis("sequences", 2), rows, 4), 1);
        Gradient.of(o, List.of(q));
        assertThrows(IllegalStateException.class, () -> Decomposition.of(attended, DType.F64));
    }

    @Test
    void aLeafKeepsItsShapeTypeAndLimits() {
        assertThrows(ShapeException.class, () -> graph.input("x", Shape.along(tokens, 7)));
        assertThrows(ShapeException.class, () -> graph.indices("ids", tokens, new IndexLimits.Below(3)));
        assertThrows(ShapeException.class, () -> graph.axis("tokens", 11));
        assertThrows(ShapeException.class, () -> graph.axis("empty", 0));
        assertThrows(IllegalArgumentException.class, () -> Ops.add(x, new Graph(2, DType.F32).input("x", x.shape())));
    }
}
