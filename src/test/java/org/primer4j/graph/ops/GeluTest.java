package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.gelu;
import static org.primer4j.graph.Ops.scale;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class GeluTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> gelu(l.x("x", 13))),
            new OpCase("48 wide, far out", l -> gelu(scale(l.x("x", 48), 4))));
    }
}
