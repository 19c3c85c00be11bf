package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.embedding;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;

class EmbeddingTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("frozen words, 13 wide", l -> embedding(l.frozen("word", 29, 13), l.parameter("position", 11, 13), l.parameter("type", 2, 13),
                l.below("ids", Batch.TOKENS, 29), l.below("positions", Batch.TOKENS, 11), l.below("types", Batch.TOKENS, 2))),
            new OpCase("all trained, 48 wide", l -> embedding(l.parameter("word", 29, 48), l.parameter("position", 11, 48), l.parameter("type", 1, 48),
                l.below("ids", Batch.TOKENS, 29), l.below("positions", Batch.TOKENS, 11), l.below("types", Batch.TOKENS, 1))));
    }
}
