package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.linearGelu;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class LinearTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("frozen 13 to 5", l -> linear(l.x("x", 13), l.frozen("w", 5, 13), l.frozen("b", 1, 5))),
            new OpCase("frozen 64 to 48 without bias", l -> linear(l.x("x", 64), l.frozen("w", 48, 64), null)),
            new OpCase("frozen 17 to 33, trained bias", l -> linear(l.x("x", 17), l.frozen("w", 33, 17), l.parameter("b", 1, 33))),
            new OpCase("trained 13 to 1", l -> linear(l.x("x", 13), l.parameter("w", 1, 13), l.parameter("b", 1, 1))),
            new OpCase("trained 32 to 64", l -> linear(l.x("x", 32), l.parameter("w", 64, 32), l.parameter("b", 1, 64))),
            new OpCase("trained 37 to 19 without bias", l -> linear(l.x("x", 37), l.parameter("w", 19, 37), null)),
            // Several blocks of columns: threads share few rows by them.
            new OpCase("frozen 40 to 256", l -> linear(l.x("x", 40), l.frozen("w", 256, 40), l.frozen("b", 1, 256))),
            new OpCase("frozen 150 to 203, silu, trained bias", l -> linear(l.x("x", 150), l.frozen("w", 203, 150), l.parameter("b", 1, 203),
                Activation.SILU)),
            new OpCase("trained 40 to 150", l -> linear(l.x("x", 40), l.parameter("w", 150, 40), l.parameter("b", 1, 150))),
            new OpCase("frozen 21 to 18, gelu", l -> linearGelu(l.x("x", 21), l.frozen("w", 18, 21), l.frozen("b", 1, 18))),
            new OpCase("trained 16 to 35, gelu", l -> linearGelu(l.x("x", 16), l.parameter("w", 35, 16), l.parameter("b", 1, 35))),
            new OpCase("frozen 21 to 18, gelu_tanh", l -> linear(l.x("x", 21), l.frozen("w", 18, 21), null, Activation.GELU_TANH)),
            new OpCase("trained 16 to 35, relu", l -> linear(l.x("x", 16), l.parameter("w", 35, 16), l.parameter("b", 1, 35), Activation.RELU)),
            new OpCase("of all lanes, trained 21 to 35, gelu", l -> linearGelu(l.x("x", 21), l.shared("w", 35, 21), l.shared("b", 1, 35))),
            new OpCase("of all lanes, trained 40 to 150, x fixed", l -> linear(l.constant("x", Batch.TOKENS, 40), l.shared("w", 150, 40), null)),
            new OpCase("frozen 9 to 40, silu", l -> linear(l.x("x", 9), l.frozen("w", 40, 9), l.parameter("b", 1, 40), Activation.SILU)));
    }
}
