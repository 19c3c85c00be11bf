package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.scaleColumns;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class ScaleColumnsTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 wide", l -> scaleColumns(l.x("x", 13), l.parameter("l", 1, 13))),
            new OpCase("48 wide, factors fixed", l -> scaleColumns(l.x("x", 48), l.frozen("l", 1, 48))),
            new OpCase("1 wide, factors shared", l -> scaleColumns(l.x("x", 1), l.shared("l", 1, 1))),
            new OpCase("33 wide, x fixed", l -> scaleColumns(l.constant("x", Batch.TOKENS, 33), l.parameter("l", 1, 33))));
    }
}
