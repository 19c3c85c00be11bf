package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.addLayerNorm;
import static org.primer4j.graph.Ops.layerNorm;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class AddLayerNormTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide, trained", l -> addLayerNorm(l.x("x", 13), l.x("w", 13), l.parameter("g", 1, 13), l.parameter("b", 1, 13), 1e-5)),
            new OpCase("64 wide, frozen", l -> addLayerNorm(l.x("x", 64), l.x("w", 64), l.frozen("g", 1, 64), l.frozen("b", 1, 64), 1e-12)),
            new OpCase("37 wide, trained shift", l -> addLayerNorm(l.x("x", 37), l.x("w", 37), l.frozen("g", 1, 37), l.parameter("b", 1, 37), 1e-12)),
            new OpCase("33 wide, no residual", l -> layerNorm(l.x("x", 33), l.parameter("g", 1, 33), l.parameter("b", 1, 33), 1e-5)),
            new OpCase("19 wide, x fixed", l -> layerNorm(l.constant("x", Batch.TOKENS, 19), l.parameter("g", 1, 19), l.parameter("b", 1, 19), 1e-5)),
            new OpCase("21 wide, shared scale trained", l -> layerNorm(l.x("x", 21), l.shared("g", 1, 21), l.shared("b", 1, 21), 1e-5)),
            new OpCase("x added to itself", l -> {
                Value x = l.x("x", 16);
                return addLayerNorm(x, x, l.parameter("g", 1, 16), l.parameter("b", 1, 16), 1e-5);
            }));
    }

    /** Rows that a warp, a block, and only a block that reads them again can hold. */
    @TestFactory
    Stream<DynamicTest> takesAnyWidth() {
        List<Batch> few = List.of(Batch.of(new int[] {3}, new int[] {}, new int[] {2}));
        return IntStream.of(130, 260, 516, 772, 1028, 1031, 8196).boxed().flatMap(d -> OpChecks.of(few, b -> b,
            new OpCase(d + " wide", l -> addLayerNorm(l.x("x", d), l.x("w", d), l.parameter("g", 1, d), l.parameter("b", 1, d), 1e-5))));
    }

    /** Sums over so many rows that a GPU takes them in slices. */
    @TestFactory
    Stream<DynamicTest> takesManyRows() {
        List<Batch> many = List.of(Batch.of(new int[] {1301}), Batch.of(new int[] {703}, new int[] {901}));
        return IntStream.of(9, 12).boxed().flatMap(d -> OpChecks.of(many, b -> b,
            new OpCase(d + " wide", l -> addLayerNorm(l.x("x", d), l.x("w", d), l.parameter("g", 1, d), l.parameter("b", 1, d), 1e-5))));
    }
}
