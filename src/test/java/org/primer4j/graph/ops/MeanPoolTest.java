package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.meanPool;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class MeanPoolTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> meanPool(l.x("x", 13), l.sequences())),
            new OpCase("64 wide", l -> meanPool(l.x("x", 64), l.sequences())));
    }

    /** Sequences of so many rows that a GPU takes wide parts of them. */
    @TestFactory
    Stream<DynamicTest> takesLongSequences() {
        return OpChecks.of(List.of(Batch.of(new int[] {301, 1, 450}), Batch.of(new int[] {400}, new int[] {300})), b -> b,
            new OpCase("12 wide", l -> meanPool(l.x("x", 12), l.sequences())));
    }
}
