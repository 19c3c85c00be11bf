package org.primer4j.graph.ops;


import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

class AdapterTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 through 5", l -> adapter(l.x("x", 13), l, 5)),
            new OpCase("64 through 16", l -> adapter(l.x("x", 64), l, 16)),
            // The gradient of the one bias is a sum of rows that nearly cancels.
            new OpCase("33 through 1", 2e-6, 1e-5, l -> adapter(l.x("x", 33), l, 1)),
            new OpCase("x fixed, 18 through 24", l -> adapter(l.constant("x", Batch.TOKENS, 18), l, 24)));
    }

    private static Value adapter(Value x, Leaves l, int bottleneck) {
        int d = x.cols();
        return Ops.adapter(x, l.parameter("down", bottleneck, d), l.parameter("down_bias", 1, bottleneck), l.parameter("up", d, bottleneck),
            l.parameter("up_bias", 1, d));
    }
}
