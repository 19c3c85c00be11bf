package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Attention's products over all (query, key) pairs of a sequence, which turn into each other under differentiation;
 * kernels in {@code pair_products.cpp}. Inputs: the two factors, then the offsets of the queries and of the keys.
 *
 * @param kind which product
 * @param heads number of heads the columns are cut into
 * @param causal whether query i is paired only with the keys j <= i + (keys - queries)
 * @param pairs axis of the pairs, for PAIR_SCORES; else null
 */
public record PairProducts(Kind kind, int heads, boolean causal, Axis pairs) implements Op {

    /** Place of the queries' offsets among the inputs; the keys' follow. */
    public static final int OFFSETS = 2;

    /** Which product. */
    public enum Kind {
        /** {@code a [Tq, d], b [Tk, d] -> [P, H]}: a_i . b_j for each head. */
        PAIR_SCORES,
        /** {@code S [P, H], b [Tk, d] -> [Tq, d]}: row i is the sum over j of S_ij b_j. */
        PAIR_MIX,
        /** {@code S [P, H], a [Tq, d] -> [Tk, d]}: row j is the sum over i of S_ij a_i. */
        PAIR_MIX_TRANSPOSED
    }

    /** Which pairs there are: every query of a sequence with its keys, or with those it sees. */
    public record Cut(int heads, boolean causal, Value queryOffsets, Value keyOffsets) {

        /** @throws ShapeException when the two cut different sequences */
        public Cut {
            if (!queryOffsets.shape().equals(keyOffsets.shape())) {
                throw new ShapeException("pairs of queries cut by " + queryOffsets.shape() + " and keys cut by " + keyOffsets.shape()
                    + " are not of the same sequences");
            }
        }

        private Axis queries() {
            return Segments.offsetsOf(queryOffsets).target();
        }

        private Axis keys() {
            return Segments.offsetsOf(keyOffsets).target();
        }
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Cut cut = new Cut(heads, causal, inputs.get(OFFSETS), inputs.get(OFFSETS + 1));
        Shape a = inputs.get(0).shape(), b = inputs.get(1).shape();
        if (b.cols() % heads != 0) {
            throw new ShapeException(name() + " cannot cut " + b + " into " + heads + " heads");
        }
        boolean scores = kind == Kind.PAIR_SCORES;
        Shape first = scores ? Shape.along(cut.queries(), b.cols()) : Shape.along(a.axis() == null ? cut.queries() : a.axis(), heads);
        Axis second = kind == Kind.PAIR_MIX_TRANSPOSED ? cut.queries() : cut.keys();
        if (!a.equals(first) || !b.equals(Shape.along(second, b.cols()))) {
            throw new ShapeException(name() + " of " + a + " and " + b + " with " + heads + " heads does not fit the queries along "
                + cut.queries() + " and the keys along " + cut.keys());
        }
        return List.of(switch (kind) {
            case PAIR_SCORES -> Shape.along(pairs, heads);
            case PAIR_MIX -> Shape.along(cut.queries(), b.cols());
            case PAIR_MIX_TRANSPOSED -> Shape.along(cut.keys(), b.cols());
        });
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {heads, causal ? 1 : 0};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value a = node.input(0), b = node.input(1), dy = upstream.get(0);
        Cut cut = new Cut(heads, causal, node.input(OFFSETS), node.input(OFFSETS + 1));
        return switch (kind) {
            case PAIR_SCORES -> Arrays.asList(needed[0] ? mix(cut, dy, b) : null, needed[1] ? mixTransposed(cut, dy, a) : null, null, null);
            case PAIR_MIX -> Arrays.asList(needed[0] ? scores(cut, a.shape().axis(), dy, b) : null, needed[1] ? mixTransposed(cut, a, dy) : null,
                null, null);
            case PAIR_MIX_TRANSPOSED -> Arrays.asList(needed[0] ? scores(cut, a.shape().axis(), b, dy) : null, needed[1] ? mix(cut, a, dy) : null,
                null, null);
        };
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.bilinear(node, tangents);
    }

    /** {@code a_i . b_j} of each pair and head. */
    public static Value scores(Cut cut, Axis pairs, Value a, Value b) {
        return of(Kind.PAIR_SCORES, cut, pairs, a, b);
    }

    /** For each query the sum of {@code S_ij b_j} over its keys. */
    public static Value mix(Cut cut, Value s, Value b) {
        return of(Kind.PAIR_MIX, cut, null, s, b);
    }

    /** For each key the sum of {@code S_ij a_i} over the queries that see it. */
    public static Value mixTransposed(Cut cut, Value s, Value a) {
        return of(Kind.PAIR_MIX_TRANSPOSED, cut, null, s, a);
    }

    private static Value of(Kind kind, Cut cut, Axis pairs, Value a, Value b) {
        return b.graph().add(new PairProducts(kind, cut.heads(), cut.causal(), pairs), a, b, cut.queryOffsets(), cut.keyOffsets()).output(0);
    }
}
