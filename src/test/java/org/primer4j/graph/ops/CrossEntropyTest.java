package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.crossEntropy;
import static org.primer4j.graph.Ops.scale;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class CrossEntropyTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 classes", l -> crossEntropy(l.x("x", 13), l.below("label", Batch.TOKENS, 13), l.constant("weight", Batch.TOKENS, 1))),
            new OpCase("2 classes", l -> crossEntropy(l.x("x", 2), l.below("label", Batch.TOKENS, 2), l.constant("weight", Batch.TOKENS, 1))),
            new OpCase("48 classes, far apart", l -> crossEntropy(scale(l.x("x", 48), 20), l.below("label", Batch.TOKENS, 48),
                l.constant("weight", Batch.TOKENS, 1))));
    }
}
