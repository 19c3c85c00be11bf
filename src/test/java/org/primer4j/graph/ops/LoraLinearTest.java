package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.loraLinear;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Value;

class LoraLinearTest {

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("13 to 5, rank 3", l -> lora(l, 13, 5, 3, false)),
            new OpCase("64 to 48, rank 8", l -> lora(l, 64, 48, 8, false)),
            new OpCase("17 to 33, rank 1, dropout", l -> lora(l, 17, 33, 1, true)),
            // Several blocks of columns: threads share few rows by them.
            new OpCase("30 to 203, rank 5", l -> lora(l, 30, 203, 5, false)),
            new OpCase("32 to 16, rank 16, dropout", l -> lora(l, 32, 16, 16, true)),
            new OpCase("21 to 18, rank 11", l -> lora(l, 21, 18, 11, false)),
            new OpCase("x fixed", l -> {
                Value x = l.constant("x", Batch.TOKENS, 19);
                return loraLinear(x, x, l.frozen("w", 7, 19), null, l.parameter("a", 2, 19), l.parameter("b", 7, 2), 0.5);
            }),
            new OpCase("trained base", l -> trained(l, l.parameter("w", 23, 14), l.parameter("bias", 1, 23), l.x("u", 14))),
            new OpCase("trained base of all lanes", l -> trained(l, l.shared("w", 23, 14), l.shared("bias", 1, 23), null)),
            new OpCase("factors fixed, trained base", l -> {
                Value x = l.x("x", 6);
                return loraLinear(x, x, l.shared("w", 5, 6), l.shared("bias", 1, 5), l.graph().parameter("a", 2, 6), l.graph().parameter("b", 5, 2), 3);
            }),
            new OpCase("trained bias", l -> {
                Value x = l.x("x", 19);
                return loraLinear(x, x, l.frozen("w", 7, 19), l.parameter("bias", 1, 7), l.parameter("a", 2, 19), l.parameter("b", 7, 2), 2);
            }));
    }

    /** Rows in slices, and ranks of every kind: the sums of factors' gradients over many rows, lanes of different sizes and an empty one. */
    @TestFactory
    Stream<DynamicTest> agreesWithItsReferenceOnManyRows() {
        OpCase of3 = new OpCase("12 to 20, rank 3", l -> lora(l, 12, 20, 3, false));
        OpCase of9 = new OpCase("13 to 37, rank 9, dropout", l -> lora(l, 13, 37, 9, true)), of18 = new OpCase("24 to 19, rank 18", l -> lora(l, 24, 19, 18, false));
        return Stream.concat(OpChecks.of(List.of(Batch.of(new int[] {531})), UnaryOperator.identity(), of3, of9, of18),
            OpChecks.of(List.of(Batch.of(new int[] {800, 30}, new int[] {}, new int[] {707})), UnaryOperator.identity(), of3));
    }

    private static Value trained(Leaves l, Value weight, Value bias, Value u) {
        Value x = l.x("x", weight.cols());
        int out = weight.shape().rows();
        return loraLinear(x, u == null ? x : u, weight, bias, l.parameter("a", 3, x.cols()), l.parameter("b", out, 3), 1.5);
    }

    // u is an input of its own in place of dropout of x: the op does not care where it comes from.
    private static Value lora(Leaves l, int in, int out, int rank, boolean own) {
        Value x = l.x("x", in), u = own ? l.x("u", in) : x;
        return loraLinear(x, u, l.frozen("w", out, in), l.frozen("bias", 1, out), l.parameter("a", rank, in), l.parameter("b", out, rank), 1.5);
    }
}
