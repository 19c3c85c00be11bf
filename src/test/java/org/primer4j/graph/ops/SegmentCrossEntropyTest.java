package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.segmentCrossEntropy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class SegmentCrossEntropyTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("one score a candidate", l -> segmentCrossEntropy(l.x("s", 1), l.sequences(), l.within("label", l.sequences()),
                l.constant("weight", Batch.SEQUENCES, 1)).output(0)),
            new OpCase("scores far apart", l -> segmentCrossEntropy(scale(l.x("s", 1), 30), l.sequences(), l.within("label", l.sequences()),
                l.constant("weight", Batch.SEQUENCES, 1)).output(0)));
    }
}
