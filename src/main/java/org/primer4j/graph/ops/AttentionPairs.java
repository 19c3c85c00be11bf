package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;

/**
 * Attention in primitives over its (query, key) pairs. Beside the fused op's inputs it needs an axis of the pairs with the
 * offsets of each query's pairs, and with a prefix an axis of the keys, prefix included, with the offsets of each sequence's.
 * The names of all are made of the names of the fused op's offsets, so that attentions over the same sequences share them.
 */
final class AttentionPairs {

    private static final String PAIRS = "attention.pairs";
    private static final String PAIR_OFFSETS = "attention.pair_offsets";
    private static final String KEYS = "attention.keys";
    private static final String KEY_OFFSETS = "attention.key_offsets";

    private AttentionPairs() {}

    static String axisName(boolean causal, Value queryOffsets, Value keyOffsets, int prefix) {
        return PAIRS + suffix(causal, queryOffsets, keyOffsets, prefix);
    }

    private static String suffix(boolean causal, Value queryOffsets, Value keyOffsets, int prefix) {
        return ":" + leafName(queryOffsets) + ":" + leafName(keyOffsets) + (causal ? ":causal" : "") + (prefix > 0 ? ":" + prefix : "");
    }

    private static String leafName(Value leaf) {
        return ((Leaf) leaf.node().op()).leafName();
    }

    static Value decompose(Attention kind, AttentionInputs in) {
        Graph graph = in.q().graph();
        AttentionInputs all = in.prefix() == null ? in : extended(in);
        int longest = all.keyCut().longest();
        Axis queries = in.q().shape().axis();
        Axis pairs = graph.axis(axisName(kind.causal(), in.queryOffsets(), in.keyOffsets(), in.prefixRows()),
            Math.multiplyExact(queries.capacity(), longest));
        String suffix = suffix(kind.causal(), in.queryOffsets(), in.keyOffsets(), in.prefixRows());
        Value keysOfQuery = graph.offsets(PAIR_OFFSETS + suffix, queries, pairs, longest);
        PairProducts.Cut cut = new PairProducts.Cut(kind.heads(), kind.causal(), all.queryOffsets(), all.keyOffsets());
        Value scores = scale(PairProducts.scores(cut, pairs, all.q(), all.k()), kind.scale());
        if (in.bias() != null) {
            scores = add(scores, PairBias.of(cut, kind.buckets(), in.prefixRows(), pairs, in.bias()));
        }
        return PairProducts.mix(cut, softmax(scores, keysOfQuery), all.v());
    }

    private static Value softmax(Value scores, Value keysOfQuery) {
        Value top = Segments.of(Segments.Kind.SEGMENT_BROADCAST, Segments.of(Segments.Kind.SEGMENT_MAX, scores, keysOfQuery), keysOfQuery);
        Value shifted = exp(sub(scores, top));
        Value sums = Segments.of(Segments.Kind.SEGMENT_SUM, shifted, keysOfQuery);
        return mul(shifted, Segments.of(Segments.Kind.SEGMENT_BROADCAST, reciprocal(sums), keysOfQuery));
    }

    // Keys and values with the prefix's rows before each sequence's own.
    private static AttentionInputs extended(AttentionInputs in) {
        Graph graph = in.q().graph();
        int prefix = in.prefixRows();
        Axis sequences = in.keyOffsets().shape().axis();
        IndexLimits.Offsets cut = in.keyCut();
        String suffix = ":" + leafName(in.keyOffsets()) + ":" + prefix;
        int capacity = Math.addExact(cut.target().capacity(), Math.multiplyExact(sequences.capacity(), prefix));
        Axis rows = graph.axis(KEYS + suffix, capacity);
        Value offsets = graph.offsets(KEY_OFFSETS + suffix, sequences, rows, cut.longest() + prefix);
        Value k = PrefixRows.prepend(in.prefix().keys(), in.k(), in.keyOffsets(), offsets);
        Value v = PrefixRows.prepend(in.prefix().values(), in.v(), in.keyOffsets(), offsets);
        return new AttentionInputs(in.q(), k, v, in.queryOffsets(), offsets, in.bias(), null);
    }
}
