package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.meanPool;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class MeanPoolTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> meanPool(l.x("x", 13), l.sequences())),
            new OpCase("64 wide", l -> meanPool(l.x("x", 64), l.sequences())));
    }
}
