package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.rmsNorm;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class RmsNormTest {

    /** Rows that a warp, a block, and only a block that reads them again can hold. */
    @TestFactory
    Stream<DynamicTest> takesAnyWidth() {
        List<Batch> few = List.of(Batch.of(new int[] {3}, new int[] {}, new int[] {2}));
        return IntStream.of(260, 516, 772, 1028, 1031, 8196).boxed().flatMap(d -> OpChecks.of(few, b -> b,
            new OpCase(d + " wide", l -> rmsNorm(l.x("x", d), l.parameter("g", 1, d), 1e-5))));
    }

    private static final double EPS = 1e-6;

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> rmsNorm(l.x("x", 13), l.parameter("g", 1, 13), EPS)),
            new OpCase("48 wide, scale fixed", l -> rmsNorm(l.x("x", 48), l.frozen("g", 1, 48), EPS)),
            new OpCase("35 wide, scale shared", l -> rmsNorm(l.x("x", 35), l.shared("g", 1, 35), EPS)),
            new OpCase("17 wide, x fixed", l -> rmsNorm(l.constant("x", Batch.TOKENS, 17), l.parameter("g", 1, 17), EPS)),
            new OpCase("7 wide, large eps", l -> rmsNorm(l.x("x", 7), l.parameter("g", 1, 7), 0.5)));
    }

    @TestFactory
    Stream<DynamicTest> hasSecondDerivatives() {
        return OpChecks.of(new OpCase("gradient of rms_norm", l -> {
            Value x = l.x("x", 7), g = l.parameter("g", 1, 7);
            return Gradient.of(new RmsNorm(EPS).decompose(List.of(x, g)).get(0), List.of(x)).get(0);
        }));
    }
}
