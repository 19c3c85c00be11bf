package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.graph.Ops.gated;
import static org.primer4j.graph.Ops.scale;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class GatedTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("gelu_tanh, 13 wide", l -> gated(Activation.GELU_TANH, l.x("g", 13), l.x("x", 13))),
            new OpCase("silu, 33 wide, gate fixed", l -> gated(Activation.SILU, l.constant("g", Batch.TOKENS, 33), l.x("x", 33))),
            new OpCase("relu, 16 wide, x fixed", l -> gated(Activation.RELU, l.x("g", 16), l.constant("x", Batch.TOKENS, 16))),
            new OpCase("gelu, 5 wide, far out", l -> gated(Activation.GELU, scale(l.x("g", 5), 6), l.x("x", 5))));
    }

    @Test
    void aGateHasAnActivation() {
        assertThrows(IllegalArgumentException.class, () -> new Gated(Activation.NONE));
        assertThrows(IllegalArgumentException.class, () -> new Activate(Activation.NONE));
    }
}
