package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.addLayerNorm;
import static org.primer4j.graph.Ops.layerNorm;

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
}
