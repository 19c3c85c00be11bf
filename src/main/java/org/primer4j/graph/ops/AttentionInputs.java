package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Axis;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * What attention reads, by name. Bias and prefix may be null.
 *
 * @param q {@code [queries, d]}
 * @param k {@code [keys, d]}
 * @param v {@code [keys, d]}
 * @param queryOffsets first query of each sequence
 * @param keyOffsets first key of each sequence
 * @param bias {@code [buckets, heads]}
 * @param prefix keys and values before every sequence's own
 */
record AttentionInputs(Value q, Value k, Value v, Value queryOffsets, Value keyOffsets, Value bias, Prefix prefix) {

    /** As the node holds them. */
    static AttentionInputs of(List<Value> inputs) {
        Prefix prefix = inputs.get(6) == null ? null : new Prefix(inputs.get(6), inputs.get(7));
        return new AttentionInputs(inputs.get(0), inputs.get(1), inputs.get(2), inputs.get(3), inputs.get(4), inputs.get(5), prefix);
    }

    /** As the node holds them. */
    List<Value> list() {
        return Arrays.asList(q, k, v, queryOffsets, keyOffsets, bias, prefix == null ? null : prefix.keys(), prefix == null ? null : prefix.values());
    }

    /** How the sequences cut the queries; a sequence may have none where nothing depends on how many. */
    IndexLimits.Offsets queryCut() {
        return Segments.raggedOffsetsOf(queryOffsets);
    }

    /** How the sequences cut the keys. */
    IndexLimits.Offsets keyCut() {
        return Segments.offsetsOf(keyOffsets);
    }

    int prefixRows() {
        return prefix == null ? 0 : prefix.rows();
    }

    /** @throws ShapeException when something does not fit */
    void check(Attention kind) {
        checkRows(kind);
        if (kind.causal() || kind.buckets() != null) {
            Segments.offsetsOf(queryOffsets);
        }
        checkCut("queries", queryOffsets, queryCut().target(), q.shape());
        checkCut("keys", keyOffsets, keyCut().target(), k.shape());
        if (!queryOffsets.shape().axis().equals(keyOffsets.shape().axis())) {
            throw new ShapeException("attention is given queries of the sequences " + queryOffsets.shape().axis() + " and keys of the sequences "
                + keyOffsets.shape().axis());
        }
        checkBias(kind, bias);
        checkPrefix(prefix, q.cols());
    }

    private void checkRows(Attention kind) {
        boolean rows = q.shape().axis() != null && k.shape().axis() != null && k.shape().equals(v.shape());
        if (!rows || k.cols() != q.cols() || q.cols() % kind.heads() != 0) {
            throw new ShapeException("attention with " + kind.heads() + " heads does not take the shapes " + q.shape() + ", " + k.shape() + ", "
                + v.shape());
        }
    }

    private static void checkCut(String what, Value offsets, Axis target, Shape rows) {
        if (!target.equals(rows.axis())) {
            throw new ShapeException("attention with " + what + " " + rows + " is given offsets of another axis, " + target + ": " + offsets);
        }
    }

    static void checkBias(Attention kind, Value bias) {
        RelativeBuckets buckets = kind.buckets();
        boolean fits = bias == null ? buckets == null : buckets != null && bias.shape().axis() == null && bias.shape().rows() == buckets.buckets()
            && bias.cols() == kind.heads();
        if (!fits) {
            throw new ShapeException("attention with " + kind.heads() + " heads and " + buckets + " does not take the bias "
                + (bias == null ? null : bias.shape()));
        }
    }

    static void checkPrefix(Prefix prefix, int d) {
        if (prefix != null && prefix.keys().cols() != d) {
            throw new ShapeException("attention of width " + d + " does not take a prefix of " + prefix.keys().shape());
        }
    }
}
