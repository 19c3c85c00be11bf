package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.crossEntropy;
import static org.primer4j.graph.Ops.scale;

import java.util.List;
import java.util.stream.IntStream;
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

    /** Rows of which a GPU gives each a block, and whose gradients it gives several. */
    @TestFactory
    Stream<DynamicTest> takesManyClasses() {
        List<Batch> few = List.of(Batch.of(new int[] {3}, new int[] {}, new int[] {2}));
        return IntStream.of(1031, 4100, 8200).boxed().flatMap(v -> OpChecks.of(few, b -> b,
            new OpCase(v + " classes", l -> crossEntropy(l.x("x", v), l.below("label", Batch.TOKENS, v), l.constant("weight", Batch.TOKENS, 1)))));
    }
}
