package org.primer4j.graph.ops;

import static org.primer4j.graph.Batch.SEQUENCES;
import static org.primer4j.graph.Batch.TOKENS;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.primer4j.graph.Batch;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/**
 * Attentions under test: which keys a sequence has, what is added to them, and what is trained.
 *
 * @param name says what is special
 * @param kind the attention
 * @param width columns of a head
 * @param keysOf keys of a sequence by its queries, or null for self-attention
 * @param prefix rows of the prefix, or 0
 * @param trained what to differentiate by: letters of "qkvbp" (b and p: bias and prefix)
 */
record AttentionCases(String name, Attention kind, int width, IntUnaryOperator keysOf, int prefix, String trained) {

    /** Few or many keys, whatever the queries. */
    static final IntUnaryOperator ANY_KEYS = n -> 1 + n * 7 % 40;
    /** At least as many keys as queries. */
    static final IntUnaryOperator MORE_KEYS = n -> n + n % 5 * 9;

    /** Heads of width 5, everything trained. */
    AttentionCases(String name, Attention kind, IntUnaryOperator keysOf, int prefix) {
        this(name, kind, 5, keysOf, prefix, "qkvbp");
    }

    OpCase fused() {
        return new OpCase(name, this::build);
    }

    private Value build(Leaves l) {
        AttentionInputs in = inputs(l);
        return Ops.attention(kind, in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix());
    }

    AttentionInputs inputs(Leaves l) {
        int d = kind.heads() * width;
        String keys = keysOf == null ? TOKENS : "keys";
        Value bias = kind.buckets() == null ? null : table(l);
        Prefix rows = prefix == 0 ? null : new Prefix(prefixRows(l, "prefix_keys", d), prefixRows(l, "prefix_values", d));
        return new AttentionInputs(rows(l, "q", TOKENS, d), rows(l, "k", keys, d), rows(l, "v", keys, d), l.sequences(), l.offsets(SEQUENCES, keys),
            bias, rows);
    }

    private boolean trains(String letter) {
        return trained.contains(letter);
    }

    private Value rows(Leaves l, String letter, String axis, int d) {
        return trains(letter) ? l.rows(letter, axis, d) : l.constant(letter, axis, d);
    }

    // T5's table is shared by the lanes while it is frozen or trained as part of the model; a parameter has a copy a lane.
    private Value table(Leaves l) {
        int rows = kind.buckets().buckets();
        return trains("b") ? l.parameter("bias", rows, kind.heads()) : trains("B") ? l.shared("bias", rows, kind.heads())
            : l.frozen("bias", rows, kind.heads());
    }

    private Value prefixRows(Leaves l, String leaf, int d) {
        return trains("p") ? l.parameter(leaf, prefix, d) : l.graph().parameter(leaf, prefix, d);
    }

    /** Adds the keys, and what the decomposition needs. */
    Batch extend(Batch batch) {
        String keys = keysOf == null ? TOKENS : "keys", offsets = ":sequences_of_tokens:sequences_of_" + keys;
        int[][] queries = batch.lengths(SEQUENCES, TOKENS);
        int[][] own = map(queries, keysOf == null ? IntUnaryOperator.identity() : keysOf);
        batch.cut(SEQUENCES, keys, own);
        int[][] all = map(own, n -> n + prefix);
        if (prefix > 0) {
            batch.cut(SEQUENCES, "attention.keys:sequences_of_" + keys + ":" + prefix, all);
        }
        int[][] counts = IntStream.range(0, queries.length).mapToObj(lane -> seen(queries[lane], all[lane])).toArray(int[][]::new);
        return batch.cut(TOKENS, "attention.pairs" + offsets + (kind.causal() ? ":causal" : "") + (prefix > 0 ? ":" + prefix : ""), counts);
    }

    private int[] seen(int[] queries, int[] keys) {
        return IntStream.range(0, queries.length).flatMap(s -> IntStream.range(0, queries[s])
            .map(i -> kind.causal() ? keys[s] - queries[s] + i + 1 : keys[s])).toArray();
    }

    private static int[][] map(int[][] lanes, IntUnaryOperator f) {
        return Arrays.stream(lanes).map(lane -> Arrays.stream(lane).map(f).toArray()).toArray(int[][]::new);
    }

    /** What the op is made of, one by one and together. */
    static List<AttentionCases> all() {
        Attention plain = new Attention(3, false, 0.4, null), causal = new Attention(3, true, 0.4, null);
        Attention near = new Attention(2, false, 1, new RelativeBuckets(8, 12, true)), before = new Attention(2, true, 1, new RelativeBuckets(8, 20, false));
        return List.of(
            new AttentionCases("causal", causal, null, 0),
            new AttentionCases("causal, 2 heads of 64", new Attention(2, true, 0.125, null), 64, null, 0, "qkv"),
            new AttentionCases("cross", plain, ANY_KEYS, 0),
            new AttentionCases("cross, 1 head of 20", new Attention(1, false, 0.2, null), 20, ANY_KEYS, 0, "qkv"),
            new AttentionCases("causal with keys before the queries", causal, MORE_KEYS, 0),
            new AttentionCases("relative bias", near, null, 0),
            new AttentionCases("relative bias, causal", before, null, 0),
            new AttentionCases("relative bias in one table for all lanes", near, 5, null, 0, "qB"),
            new AttentionCases("relative bias with other keys, frozen", near, 5, ANY_KEYS, 0, "qkv"),
            new AttentionCases("1 head of 98, relative bias, prefix", new Attention(1, false, 0.1, new RelativeBuckets(32, 128, true)), 98, MORE_KEYS, 70,
                "qkvbp"),
            new AttentionCases("prefix", plain, null, 3),
            new AttentionCases("prefix of one row, cross", plain, 16, ANY_KEYS, 1, "qkvp"),
            new AttentionCases("prefix, causal, relative bias", before, null, 19),
            new AttentionCases("prefix, causal, relative bias, keys before", before, 17, MORE_KEYS, 2, "qkvbp"),
            new AttentionCases("only queries trained", causal, 5, null, 2, "q"),
            new AttentionCases("only keys trained", causal, 5, null, 2, "k"),
            new AttentionCases("only values trained", near, 5, null, 2, "v"),
            new AttentionCases("only the prefix trained", before, 5, null, 2, "p"),
            new AttentionCases("only the bias trained", before, 5, MORE_KEYS, 2, "b"));
    }
}
