package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.matchScores;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class MatchScoresTest {

    private static final String PAIRS = "pairs";

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(MatchScoresTest::withPairs,
            new OpCase("13 wide", l -> scores(l, 13)),
            new OpCase("64 wide", l -> scores(l, 64)));
    }

    private static Value scores(Leaves l, int width) {
        return matchScores(l.x("e", width), l.rowsOf("left", PAIRS, Batch.TOKENS), l.rowsOf("right", PAIRS, Batch.TOKENS), 20);
    }

    private static Batch withPairs(Batch batch) {
        return batch.with(PAIRS, Arrays.stream(batch.rows().get(Batch.TOKENS)).map(n -> n == 0 ? 0 : 2 * n + 3).toArray());
    }
}
