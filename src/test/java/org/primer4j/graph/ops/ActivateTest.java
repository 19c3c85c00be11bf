package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.activate;
import static org.primer4j.graph.Ops.scale;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class ActivateTest {

    private static final Activation[] FUNCTIONS = {Activation.GELU, Activation.GELU_TANH, Activation.RELU, Activation.SILU};

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return Stream.of(FUNCTIONS).flatMap(f -> OpChecks.of(
            new OpCase(f + ", 13 wide", l -> activate(f, l.x("x", 13))),
            new OpCase(f + ", 48 wide, far out", l -> activate(f, scale(l.x("x", 48), 8)))));
    }

    @TestFactory
    Stream<DynamicTest> hasSecondDerivatives() {
        return Stream.of(FUNCTIONS).flatMap(f -> OpChecks.of(new OpCase("gradient of " + f, l -> {
            Value x = l.x("x", 7);
            return Gradient.of(f.primitive(x), List.of(x)).get(0);
        })));
    }
}
