package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.erf;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.fill;
import static org.primer4j.graph.Ops.log;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.rsqrt;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;
import static org.primer4j.graph.Ops.sumCols;
import static org.primer4j.graph.Ops.sumRows;
import static org.primer4j.graph.Ops.tanh;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;

class PrimitivesTest {

    @TestFactory
    Stream<DynamicTest> elementwise() {
        return OpChecks.of(
            unary("exp", x -> exp(x)), unary("erf", x -> erf(x)), unary("tanh", x -> tanh(x)), unary("scale", x -> scale(x, -1.7)),
            unary("add_scalar", x -> mul(addScalar(x, 0.3), x)), unary("log", x -> log(positive(x))),
            unary("reciprocal", x -> reciprocal(positive(x))), unary("rsqrt", x -> rsqrt(positive(x))),
            unary("step", x -> mul(x, Elementwise.step(x))),
            unary("fill", x -> mul(x, fill(x.graph(), 2.5, x.shape()))),
            new OpCase("add, sub, mul", l -> mul(add(l.x("a", 7), l.x("b", 7)), sub(l.x("c", 7), l.x("a", 7)))),
            new OpCase("of parameters", l -> mul(exp(l.parameter("a", 3, 5)), l.parameter("b", 3, 5))));
    }

    private static OpCase unary(String name, UnaryOperator<Value> f) {
        return new OpCase(name, l -> f.apply(l.x("x", 7)));
    }

    private static Value positive(Value x) {
        return addScalar(mul(x, x), 0.5);
    }

    @TestFactory
    Stream<DynamicTest> sumsAndBroadcasts() {
        return OpChecks.of(
            new OpCase("sum_rows", l -> sumRows(mul(l.x("x", 13), l.x("y", 13)))),
            new OpCase("broadcast_rows", l -> mul(broadcastRows(l.parameter("p", 1, 13), l.axis(Batch.TOKENS)), l.x("x", 13))),
            new OpCase("broadcast_rows of a shared row", l -> mul(broadcastRows(l.shared("p", 1, 13), l.axis(Batch.TOKENS)), l.x("x", 13))),
            new OpCase("sum_cols, broadcast_cols", l -> mul(broadcastCols(sumCols(exp(l.x("x", 13))), 5), l.x("y", 5))),
            new OpCase("sum_lanes", l -> Broadcast.of(Broadcast.Kind.SUM_LANES, mul(l.parameter("a", 3, 5), l.parameter("b", 3, 5)), null, 0)),
            new OpCase("broadcast_lanes", l -> mul(Broadcast.of(Broadcast.Kind.BROADCAST_LANES, l.shared("a", 3, 5), null, 0), l.parameter("b", 3, 5))));
    }

    @TestFactory
    Stream<DynamicTest> products() {
        return OpChecks.of(
            new OpCase("matmul_nt", l -> Matmul.nt(l.x("x", 13), l.parameter("w", 5, 13))),
            new OpCase("matmul_nt of a shared weight", l -> Matmul.nt(l.x("x", 13), l.shared("w", 5, 13))),
            new OpCase("matmul_nn", l -> Matmul.nn(l.x("x", 5), l.parameter("w", 5, 13))),
            new OpCase("matmul_tn", l -> Matmul.tn(l.x("a", 5), l.x("b", 13))));
    }

    @TestFactory
    Stream<DynamicTest> segmentsAndIndices() {
        return OpChecks.of(
            new OpCase("segment_sum", l -> Segments.of(Segments.Kind.SEGMENT_SUM, l.x("x", 5), l.sequences())),
            new OpCase("segment_broadcast", l -> Segments.of(Segments.Kind.SEGMENT_BROADCAST, l.rows("x", Batch.SEQUENCES, 5), l.sequences())),
            new OpCase("pick_in_segment", l -> PickInSegment.of(l.x("x", 5), l.sequences(), l.within("place", l.sequences()))),
            new OpCase("gather_rows of an axis", l -> GatherRows.of(l.x("x", 5), l.rowsOf("index", Batch.TOKENS, Batch.TOKENS))),
            new OpCase("gather_rows of a table", l -> GatherRows.of(l.shared("table", 9, 5), l.below("index", Batch.TOKENS, 9))),
            new OpCase("gather_range", l -> GatherRange.of(3, l.parameter("table", 5, 7), l.below("index", Batch.TOKENS, 11))),
            new OpCase("gather_range of a shared table", l -> GatherRange.of(0, l.shared("table", 5, 7), l.below("index", Batch.TOKENS, 11))),
            new OpCase("scatter_range", l -> mul(l.parameter("p", 5, 7), l.graph().add(new GatherRange.Scatter(3, Shape.laned(5, 7)), l.x("x", 7),
                l.below("index", Batch.TOKENS, 11)).output(0))),
            new OpCase("pick_column", l -> PickColumn.of(l.x("x", 5), l.below("column", Batch.TOKENS, 5))));
    }

    // The gradient of a gradient, in float32 and float64 and against differences of the first gradient.
    @TestFactory
    Stream<DynamicTest> secondDerivatives() {
        return OpChecks.of(
            second("erf", x -> erf(x)), second("tanh", x -> tanh(x)), second("log", x -> log(positive(x))),
            second("rsqrt", x -> rsqrt(positive(x))), second("reciprocal", x -> reciprocal(positive(x))), second("exp", x -> exp(x)));
    }

    private static OpCase second(String name, UnaryOperator<Value> f) {
        return new OpCase("gradient of " + name, l -> {
            Value x = l.x("x", 7);
            return Gradient.of(f.apply(x), List.of(x)).get(0);
        });
    }
}
