package org.primer4j.graph;

import org.primer4j.graph.ops.Activate;
import org.primer4j.graph.ops.Activation;
import org.primer4j.graph.ops.AddLayerNorm;
import org.primer4j.graph.ops.Adapter;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.Broadcast;
import org.primer4j.graph.ops.CachedAttention;
import org.primer4j.graph.ops.CrossEntropy;
import org.primer4j.graph.ops.Elementwise.Binary;
import org.primer4j.graph.ops.Elementwise.Fill;
import org.primer4j.graph.ops.Elementwise.Unary;
import org.primer4j.graph.ops.Embedding;
import org.primer4j.graph.ops.Gated;
import org.primer4j.graph.ops.HeadCrossEntropy;
import org.primer4j.graph.ops.HeadTopK;
import org.primer4j.graph.ops.L2Normalize;
import org.primer4j.graph.ops.Linear;
import org.primer4j.graph.ops.LoraLinear;
import org.primer4j.graph.ops.MatchScores;
import org.primer4j.graph.ops.MeanPool;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.graph.ops.RmsNorm;
import org.primer4j.graph.ops.ScaleColumns;
import org.primer4j.graph.ops.SegmentCrossEntropy;

/** The vocabulary in which models are written: one short static method an op, for static import. */
public final class Ops {

    private Ops() {}

    // Fused ops.

    /** {@code word[ids] + position[positions] + type[types]}. */
    public static Value embedding(Value word, Value position, Value type, Value ids, Value positions, Value types) {
        return embedding(word, 1, position, type, null, ids, positions, types);
    }

    /**
     * {@code wordScale word[ids] + position[positions] + type[types]}, {@code [T, d]} of tables {@code [rows, d]} and indices {@code [T]}; an id
     * from the number of words V on takes row {@code id - V} of the prompt instead of a word, unscaled. Position, type (with their indices)
     * and prompt may be null.
     */
    public static Value embedding(Value word, double wordScale, Value position, Value type, Value prompt, Value ids, Value positions,
                                  Value types) {
        return word.graph().add(new Embedding(wordScale), word, position, type, prompt, ids, positions, types).output(0);
    }

    /** {@code x W^T + b}; b may be null. */
    public static Value linear(Value x, Value weight, Value bias) {
        return linear(x, weight, bias, Activation.NONE);
    }

    /** {@code act(x W^T + b)}; b may be null. */
    public static Value linear(Value x, Value weight, Value bias, Activation activation) {
        return x.graph().add(new Linear(activation), x, weight, bias).output(0);
    }

    /** {@code gelu(x W^T + b)}; b may be null. */
    public static Value linearGelu(Value x, Value weight, Value bias) {
        return linear(x, weight, bias, Activation.GELU);
    }

    /** {@code x W^T + b + factor (u A^T) B^T}; u is x, or x after dropout. */
    public static Value loraLinear(Value x, Value u, Value weight, Value bias, Value a, Value b, double factor) {
        return x.graph().add(new LoraLinear(factor), x, u, weight, bias, a, b).output(0);
    }

    /** {@code x + gelu(x D^T + b_D) U^T + b_U}. */
    public static Value adapter(Value x, Value down, Value downBias, Value up, Value upBias) {
        return adapter(x, x, down, downBias, up, upBias, Activation.GELU, 1);
    }

    /**
     * {@code h + scale (act(x D^T + b_D) U^T + b_U)}, {@code [T, d]}; x is h for an adapter in sequence. D is {@code [b, d]}, U
     * {@code [d, b]}, both parameters.
     */
    public static Value adapter(Value h, Value x, Value down, Value downBias, Value up, Value upBias, Activation activation, double scale) {
        return h.graph().add(new Adapter(activation, scale), h, x, down, downBias, up, upBias).output(0);
    }

    /** {@code x l}, {@code [T, d]}, with a factor {@code l [1, d]} for each column. */
    public static Value scaleColumns(Value x, Value l) {
        return x.graph().add(new ScaleColumns(), x, l).output(0);
    }

    /** Layer normalisation of {@code x + residual}. */
    public static Value addLayerNorm(Value x, Value residual, Value scale, Value shift, double eps) {
        return x.graph().add(new AddLayerNorm(eps), x, residual, scale, shift).output(0);
    }

    /** Layer normalisation of x. */
    public static Value layerNorm(Value x, Value scale, Value shift, double eps) {
        return addLayerNorm(x, null, scale, shift, eps);
    }

    /** Root mean square normalisation of the rows of {@code x [T, d]}, times {@code scale [1, d]}. */
    public static Value rmsNorm(Value x, Value scale, double eps) {
        return x.graph().add(new RmsNorm(eps), x, scale).output(0);
    }

    /** Multi-head self-attention within each sequence. */
    public static Value attention(Value q, Value k, Value v, Value offsets, int heads) {
        return attention(Attention.full(heads, q.cols()), q, k, v, offsets, offsets, null, null);
    }

    /**
     * Multi-head attention of each sequence's queries to its keys.
     *
     * @param kind heads, mask, scale, relative positions
     * @param q {@code [queries, d]}
     * @param k {@code [keys, d]}, along the same axis as q or another
     * @param v {@code [keys, d]}
     * @param queryOffsets first query of each sequence
     * @param keyOffsets first key of each sequence; the same sequences
     * @param bias {@code [buckets, heads]}, trained or frozen; null without relative positions
     * @param prefix keys and values before every sequence's own, or null
     * @return {@code [queries, d]}
     */
    public static Value attention(Attention kind, Value q, Value k, Value v, Value queryOffsets, Value keyOffsets, Value bias, Prefix prefix) {
        Value keys = prefix == null ? null : prefix.keys(), values = prefix == null ? null : prefix.values();
        return q.graph().add(kind, q, k, v, queryOffsets, keyOffsets, bias, keys, values).output(0);
    }

    /**
     * One step of causal attention with a cache, for generation; see {@link CachedAttention}.
     *
     * @param q {@code [B, d]}, one new token a row; k and v alike
     * @param cacheKeys {@code [C, d]}, a state along the cache's axis; cacheValues alike
     * @param slot the cache row that each row's k and v are written to
     * @param past the cache rows that each row attends to, in order, its own slot last
     * @param pastOffsets first of each row's entries in {@code past}
     * @return {@code [B, d]}
     */
    public static Value cachedAttention(Attention kind, Value q, Value k, Value v, Value cacheKeys, Value cacheValues, Value slot, Value past,
        Value pastOffsets, Value bias, Prefix prefix) {
        Value keys = prefix == null ? null : prefix.keys(), values = prefix == null ? null : prefix.values();
        return q.graph().add(new CachedAttention(kind), q, k, v, cacheKeys, cacheValues, slot, past, pastOffsets, bias, keys, values).output(0);
    }

    /** {@code x Phi(x)}. */
    public static Value gelu(Value x) {
        return activate(Activation.GELU, x);
    }

    /** {@code act(x)}. */
    public static Value activate(Activation activation, Value x) {
        return activation == Activation.NONE ? x : x.graph().add(new Activate(activation), x).output(0);
    }

    /** {@code act(gate) x}, all {@code [T, d]}; the activation is not NONE. */
    public static Value gated(Activation activation, Value gate, Value x) {
        return x.graph().add(new Gated(activation), gate, x).output(0);
    }

    /** Mean of the rows of each sequence. */
    public static Value meanPool(Value x, Value offsets) {
        return x.graph().add(new MeanPool(), x, offsets).output(0);
    }

    /** Rows divided by their length. */
    public static Value l2Normalize(Value x) {
        return x.graph().add(new L2Normalize(), x).output(0);
    }

    /** {@code scale e[left] . e[right]}. */
    public static Value matchScores(Value e, Value left, Value right, double scale) {
        return e.graph().add(new MatchScores(scale), e, left, right).output(0);
    }

    /** The node of a cross-entropy over each example's candidates: outputs loss a lane, and probabilities. */
    public static Node segmentCrossEntropy(Value scores, Value offsets, Value label, Value weight) {
        return scores.graph().add(new SegmentCrossEntropy(), scores, offsets, label, weight);
    }

    /** Cross-entropy of rows of logits, a lane. */
    public static Value crossEntropy(Value logits, Value label, Value weight) {
        return logits.graph().add(new CrossEntropy(), logits, label, weight).output(0);
    }

    /**
     * Cross-entropy of {@code softmax(h W^T + b)}, a number a lane, without the logits {@code [T, V]} ever being in memory at once. Rows of
     * weight 0 are ignored.
     *
     * @param h {@code [T, d]}
     * @param weight {@code [V, d]}, trained or frozen
     * @param bias {@code [1, V]}, or null
     * @param label {@code [T]}, below V
     * @param rowWeight {@code [T, 1]}
     * @param smoothing of labels, in [0, 1)
     * @param training whether a gradient will be asked for
     */
    public static Value headCrossEntropy(Value h, Value weight, Value bias, Value label, Value rowWeight, double smoothing, boolean training) {
        return h.graph().add(new HeadCrossEntropy(smoothing, training), h, weight, bias, label, rowWeight).output(0);
    }

    /**
     * The node of a search for the k best tokens of each row of {@code h [B, d]}: outputs log-probabilities {@code [B, k]}, and token ids
     * {@code [B, k]}; see {@link HeadTopK}.
     *
     * @param bias {@code [1, V]}, or null
     * @param bans banned token ids of all rows, cut by {@code bansOffsets}; both null: none
     * @param renormalise whether the others' probabilities sum to 1
     */
    public static Node headTopK(Value h, Value weight, Value bias, Value bans, Value bansOffsets, int k, boolean renormalise) {
        return h.graph().add(new HeadTopK(k, renormalise), h, weight, bias, bans, bansOffsets);
    }

    // Primitives.

    public static Value add(Value a, Value b) {
        return binary(Binary.Kind.ADD, a, b);
    }

    public static Value sub(Value a, Value b) {
        return binary(Binary.Kind.SUB, a, b);
    }

    public static Value mul(Value a, Value b) {
        return binary(Binary.Kind.MUL, a, b);
    }

    public static Value exp(Value x) {
        return unary(Unary.Kind.EXP, x, 0);
    }

    public static Value log(Value x) {
        return unary(Unary.Kind.LOG, x, 0);
    }

    public static Value erf(Value x) {
        return unary(Unary.Kind.ERF, x, 0);
    }

    public static Value tanh(Value x) {
        return unary(Unary.Kind.TANH, x, 0);
    }

    public static Value reciprocal(Value x) {
        return unary(Unary.Kind.RECIPROCAL, x, 0);
    }

    public static Value rsqrt(Value x) {
        return unary(Unary.Kind.RSQRT, x, 0);
    }

    public static Value scale(Value x, double c) {
        return unary(Unary.Kind.SCALE, x, c);
    }

    public static Value addScalar(Value x, double c) {
        return unary(Unary.Kind.ADD_SCALAR, x, c);
    }

    /** A constant. */
    public static Value fill(Graph graph, double c, Shape shape) {
        return graph.add(new Fill(c, shape)).output(0);
    }

    /** {@code [T, d] -> [lanes][1, d]}. */
    public static Value sumRows(Value x) {
        return Broadcast.of(Broadcast.Kind.SUM_ROWS, x, null, 0);
    }

    /** {@code [1, d] -> [T, d]}. */
    public static Value broadcastRows(Value x, Axis axis) {
        return Broadcast.of(Broadcast.Kind.BROADCAST_ROWS, x, axis, 0);
    }

    /** {@code [T, d] -> [T, 1]}. */
    public static Value sumCols(Value x) {
        return Broadcast.of(Broadcast.Kind.SUM_COLS, x, null, 0);
    }

    /** {@code [T, 1] -> [T, d]}. */
    public static Value broadcastCols(Value x, int cols) {
        return Broadcast.of(Broadcast.Kind.BROADCAST_COLS, x, null, cols);
    }

    private static Value unary(Unary.Kind kind, Value x, double c) {
        return x.graph().add(new Unary(kind, c), x).output(0);
    }

    private static Value binary(Binary.Kind kind, Value a, Value b) {
        return a.graph().add(new Binary(kind), a, b).output(0);
    }
}
