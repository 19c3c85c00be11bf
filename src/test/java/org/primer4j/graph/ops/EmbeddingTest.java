package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.embedding;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class EmbeddingTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("frozen words, 13 wide", l -> embedding(l.frozen("word", 29, 13), l.parameter("position", 11, 13), l.parameter("type", 2, 13),
                ids(l, 29), positions(l), l.below("types", Batch.TOKENS, 2))),
            new OpCase("all trained, 48 wide", l -> embedding(l.parameter("word", 29, 48), l.parameter("position", 11, 48), l.parameter("type", 1, 48),
                ids(l, 29), positions(l), l.below("types", Batch.TOKENS, 1))),
            new OpCase("all of all lanes trained", l -> embedding(l.shared("word", 29, 20), l.shared("position", 11, 20), l.shared("type", 2, 20),
                ids(l, 29), positions(l), l.below("types", Batch.TOKENS, 2))),
            new OpCase("words alone", l -> embedding(l.parameter("word", 29, 13), 1, null, null, null, ids(l, 29), null, null)),
            new OpCase("scaled words of all lanes, positions", l -> embedding(l.shared("word", 29, 13), Math.sqrt(13), l.parameter("position", 11, 13), null,
                null, ids(l, 29), positions(l), null)));
    }

    @TestFactory
    Stream<DynamicTest> takesVirtualTokens() {
        return OpChecks.of(
            new OpCase("frozen words and a prompt", l -> embedding(l.frozen("word", 7, 13), 3, l.frozen("position", 11, 13), null,
                l.parameter("prompt", 5, 13), ids(l, 12), positions(l), null)),
            new OpCase("all trained and a prompt", l -> embedding(l.parameter("word", 7, 20), 0.5, l.parameter("position", 11, 20),
                l.parameter("type", 2, 20), l.parameter("prompt", 1, 20), ids(l, 8), positions(l), l.below("types", Batch.TOKENS, 2))));
    }

    /** So many tokens that some rows of a table get hundreds, and a block of a GPU more than its list holds; tables of few rows take theirs in slices. */
    @TestFactory
    Stream<DynamicTest> addsUpManyTokens() {
        return OpChecks.of(List.of(Batch.of(new int[] {4603}), Batch.of(new int[] {2203}, new int[] {}, new int[] {150})), b -> b,
            new OpCase("words, three positions and one type", l -> embedding(l.parameter("word", 301, 8), l.parameter("position", 3, 8),
                l.parameter("type", 1, 8), ids(l, 301), l.below("positions", Batch.TOKENS, 3), l.below("types", Batch.TOKENS, 1))),
            new OpCase("of all lanes", l -> embedding(l.shared("word", 301, 6), l.shared("position", 11, 6), l.shared("type", 2, 6), ids(l, 301),
                positions(l), l.below("types", Batch.TOKENS, 2))));
    }

    private static Value ids(Leaves l, int limit) {
        return l.below("ids", Batch.TOKENS, limit);
    }

    private static Value positions(Leaves l) {
        return l.below("positions", Batch.TOKENS, 11);
    }
}
