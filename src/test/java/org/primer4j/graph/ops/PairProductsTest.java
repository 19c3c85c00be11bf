package org.primer4j.graph.ops;

import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** Attention's primitives, one by one, over square, rectangular and causal pairs. */
class PairProductsTest {

    private static final RelativeBuckets BUCKETS = new RelativeBuckets(8, 12, true);

    @TestFactory
    Stream<DynamicTest> products() {
        return Stream.of(
            cases("square", new AttentionCases("", new Attention(2, false, 1, null), null, 0)),
            cases("rectangular", new AttentionCases("", new Attention(2, false, 1, null), AttentionCases.ANY_KEYS, 0)),
            cases("causal", new AttentionCases("", new Attention(2, true, 1, null), AttentionCases.MORE_KEYS, 0))).flatMap(s -> s);
    }

    private static Stream<DynamicTest> cases(String name, AttentionCases c) {
        return OpChecks.of(OpChecks.batches(), c::extend,
            primitive(name + " pair_scores, pair_mix", c, (l, x) -> PairProducts.mix(x.cut, x.scores(), l.rows("c", x.keys, 6))),
            primitive(name + " pair_mix_transposed", c, (l, x) -> PairProducts.mixTransposed(x.cut, x.scores(), l.x("c", 6))),
            primitive(name + " pair_bias", c, (l, x) -> Ops.mul(x.scores(), PairBias.of(x.cut, BUCKETS, 0, x.pairs, l.parameter("table", 8, 2)))));
    }

    private record Pairs(PairProducts.Cut cut, Axis pairs, String keys, Value a, Value b) {

        Value scores() {
            return PairProducts.scores(cut, pairs, a, b);
        }
    }

    private static OpCase primitive(String name, AttentionCases c, BiFunction<Leaves, Pairs, Value> build) {
        return new OpCase(name, l -> {
            String keys = c.keysOf() == null ? Batch.TOKENS : "keys";
            Value qo = l.sequences(), ko = l.offsets(Batch.SEQUENCES, keys);
            PairProducts.Cut cut = new PairProducts.Cut(2, c.kind().causal(), qo, ko);
            return build.apply(l, new Pairs(cut, l.axis(Attention.pairs(c.kind(), qo, ko, null)), keys, l.x("a", 6), l.rows("b", keys, 6)));
        });
    }

    @TestFactory
    Stream<DynamicTest> prefixRows() {
        AttentionCases c = new AttentionCases("", new Attention(1, false, 1, null), null, 3);
        return OpChecks.of(OpChecks.batches(), c::extend, new OpCase("prefix_prepend, prefix_drop, prefix_sum", l -> {
            Value without = l.sequences(), with = l.offsets(Batch.SEQUENCES, "attention.keys:sequences_of_tokens:3");
            return PrefixRows.prepend(l.parameter("p", 3, 7), l.x("x", 7), without, with);
        }));
    }
}
