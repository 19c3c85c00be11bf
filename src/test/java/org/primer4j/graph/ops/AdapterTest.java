package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

class AdapterTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 through 5", l -> sequential(l.x("x", 13), l, 5)),
            new OpCase("64 through 16", l -> sequential(l.x("x", 64), l, 16)),
            // The gradient of the one bias is a sum of rows that nearly cancels: its terms' lengths add up to 107 times what is compared with (6.7
            // and 0.0126 + 1e-3 of all gradients), and what float32 rounds off z moves their slopes. Over 2,000 orders of summing z's 33 terms in
            // float32, all else in float64, the gradient's error is 1.2e-5 in the mean square and 4.6e-5 at most (lengths 5, 1, 33).
            new OpCase("33 through 1", 2e-6, 5e-5, l -> sequential(l.x("x", 33), l, 1)),
            new OpCase("x fixed, 18 through 24", l -> sequential(l.constant("x", Batch.TOKENS, 18), l, 24)),
            // More than the CUDA kernel has in shared memory at a time.
            new OpCase("68 through 140", l -> sequential(l.x("x", 68), l, 140)),
            new OpCase("relu, scaled", l -> {
                Value x = l.x("x", 13);
                return adapter(x, x, l, 5, Activation.RELU, 0.7);
            }));
    }

    @TestFactory
    Stream<DynamicTest> agreesWithItsReferenceInParallel() {
        return OpChecks.of(
            new OpCase("relu", l -> adapter(l.x("h", 13), l.x("x", 13), l, 5, Activation.RELU, 4)),
            new OpCase("21 to 34 wide, silu", l -> adapter(l.x("h", 34), l.x("x", 21), l, 6, Activation.SILU, 0.5)),
            new OpCase("10 to 70 wide, through 131", l -> adapter(l.x("h", 70), l.x("x", 10), l, 131, Activation.SILU, 0.5)),
            new OpCase("h fixed, linear", l -> adapter(l.constant("h", Batch.TOKENS, 16), l.x("x", 16), l, 3, Activation.NONE, 1)),
            new OpCase("x fixed", l -> adapter(l.x("h", 19), l.constant("x", Batch.TOKENS, 19), l, 7, Activation.GELU_TANH, -2)));
    }

    @TestFactory
    Stream<DynamicTest> hasSecondDerivatives() {
        return OpChecks.of(new OpCase("gradient of adapter", l -> {
            Value x = l.x("x", 5);
            List<Value> inputs = inputs(l.x("h", 5), x, l, 3);
            return Gradient.of(new Adapter(Activation.GELU, 0.7).decompose(inputs).get(0), List.of(x)).get(0);
        }));
    }

    private static Value sequential(Value x, Leaves l, int bottleneck) {
        List<Value> v = inputs(x, x, l, bottleneck);
        return Ops.adapter(x, v.get(2), v.get(3), v.get(4), v.get(5));
    }

    private static Value adapter(Value h, Value x, Leaves l, int bottleneck, Activation activation, double scale) {
        List<Value> v = inputs(h, x, l, bottleneck);
        return Ops.adapter(h, x, v.get(2), v.get(3), v.get(4), v.get(5), activation, scale);
    }

    private static List<Value> inputs(Value h, Value x, Leaves l, int bottleneck) {
        return Arrays.asList(h, x, l.parameter("down", bottleneck, x.cols()), l.parameter("down_bias", 1, bottleneck),
            l.parameter("up", h.cols(), bottleneck), l.parameter("up_bias", 1, h.cols()));
    }
}
