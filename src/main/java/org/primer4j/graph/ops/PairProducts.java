package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.primer4j.graph.Axis;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Attention's products over all (query, key) pairs of a sequence, which turn into each other under differentiation;
 * kernels in {@code pair_products.cpp}.
 *
 * @param kind which product
 * @param heads number of heads the columns are cut into
 * @param pairs axis of the pairs, for PAIR_SCORES; else null
 */
public record PairProducts(Kind kind, int heads, Axis pairs) implements Op {

    /** Which product. */
    public enum Kind {
        /** {@code a [T, d], b [T, d] -> [P, H]}: a_i . b_j for each head. */
        PAIR_SCORES,
        /** {@code S [P, H], b [T, d] -> [T, d]}: row i is the sum over j of S_ij b_j. */
        PAIR_MIX,
        /** {@code S [P, H], a [T, d] -> [T, d]}: row j is the sum over i of S_ij a_i. */
        PAIR_MIX_TRANSPOSED
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape rows = inputs.get(1).shape();
        if (rows.axis() == null || rows.cols() % heads != 0) {
            throw new ShapeException(name() + " cannot cut " + rows + " into " + heads + " heads");
        }
        Shape scores = kind == Kind.PAIR_SCORES ? Shape.along(pairs, heads) : inputs.get(0).shape();
        IndexLimits.Offsets cut = Segments.offsetsOf(inputs.get(2));
        if (!cut.target().equals(rows.axis()) || scores.axis() == null || scores.cols() != heads
            || (kind == Kind.PAIR_SCORES && !inputs.get(0).shape().equals(rows))) {
            throw new ShapeException(name() + " of " + inputs.get(0).shape() + " and " + rows + " with " + heads + " heads does not fit the pairs "
                + scores + " of sequences along " + cut.target());
        }
        return List.of(kind == Kind.PAIR_SCORES ? scores : rows);
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {heads};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value a = node.input(0), b = node.input(1), offsets = node.input(2), dy = upstream.get(0);
        return switch (kind) {
            case PAIR_SCORES -> Arrays.asList(of(Kind.PAIR_MIX, heads, null, dy, b, offsets),
                of(Kind.PAIR_MIX_TRANSPOSED, heads, null, dy, a, offsets), null);
            case PAIR_MIX -> Arrays.asList(of(Kind.PAIR_SCORES, heads, a.shape().axis(), dy, b, offsets),
                of(Kind.PAIR_MIX_TRANSPOSED, heads, null, a, dy, offsets), null);
            case PAIR_MIX_TRANSPOSED -> Arrays.asList(of(Kind.PAIR_SCORES, heads, a.shape().axis(), b, dy, offsets),
                of(Kind.PAIR_MIX, heads, null, a, dy, offsets), null);
        };
    }

    /** Applies one. */
    public static Value of(Kind kind, int heads, Axis pairs, Value a, Value b, Value offsets) {
        return b.graph().add(new PairProducts(kind, heads, pairs), a, b, offsets).output(0);
    }
}
