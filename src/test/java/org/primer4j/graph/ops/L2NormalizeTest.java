package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.l2Normalize;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class L2NormalizeTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> l2Normalize(l.x("x", 13))),
            new OpCase("64 wide", l -> l2Normalize(l.x("x", 64))));
    }
}
