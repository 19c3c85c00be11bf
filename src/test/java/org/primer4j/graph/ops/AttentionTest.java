package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.attention;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class AttentionTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("3 heads of 5", l -> attention(l.x("q", 15), l.x("k", 15), l.x("v", 15), l.sequences(), 3)),
            new OpCase("2 heads of 16", l -> attention(l.x("q", 32), l.x("k", 32), l.x("v", 32), l.sequences(), 2)),
            new OpCase("1 head of 1", l -> attention(l.x("q", 1), l.x("k", 1), l.x("v", 1), l.sequences(), 1)),
            new OpCase("one input thrice", l -> {
                Value x = l.x("x", 12);
                return attention(x, x, x, l.sequences(), 4);
            }));
    }
}
