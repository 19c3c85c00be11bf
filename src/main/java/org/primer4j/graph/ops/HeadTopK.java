package org.primer4j.graph.ops;

import java.util.List;
import org.primer4j.graph.DType;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.NoTangentException;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Operand;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * The k most probable tokens of each row under a language-model head: of {@code log softmax(h_t W^T + b)}, best first, of equals the
 * lower id first. Banned tokens have the log-probability -infinity.
 * Inputs {@code h [B, d], W [V, d], b [1, V]} or null, and the banned token ids of all rows {@code [N]} with each row's first
 * {@code [B]} (both null: none are banned); outputs {@code logProbs [B, k]} and {@code tokens [B, k]}, whole numbers. There is no gradient.
 *
 * @param k 1 to 64
 * @param renormalise whether banned tokens are left out of the softmax, so that the others' probabilities sum to 1; else they are
 *     banned after it
 */
public record HeadTopK(int k, boolean renormalise) implements Op {

    /** The largest k. */
    public static final int MOST = 64;

    @Override
    public String name() {
        return "head_top_k";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape h = inputs.get(0).shape(), logits = Linear.checked(name(), inputs.get(0), inputs.get(1), inputs.get(2));
        if (k < 1 || k > Math.min(MOST, logits.cols())) {
            throw new ShapeException("head_top_k finds 1 to " + Math.min(MOST, logits.cols()) + " of " + logits.cols() + " tokens, not " + k);
        }
        checkBans(inputs.get(3), inputs.get(4), logits);
        return List.of(h.withCols(k), h.withCols(k));
    }

    private static void checkBans(Value bans, Value offsets, Shape logits) {
        if (bans == null && offsets == null) {
            return;
        }
        boolean fits = bans != null && offsets != null && offsets.shape().axis().equals(logits.axis())
            && bans.node().op() instanceof Leaf leaf && leaf.limits() instanceof IndexLimits.Below below && below.limit() <= logits.cols()
            && Segments.raggedOffsetsOf(offsets).target().equals(bans.shape().axis());
        if (!fits) {
            throw new ShapeException("head_top_k of logits " + logits + " does not take the bans " + bans + " with the offsets " + offsets);
        }
    }

    @Override
    public DType dtype(int output, DType graphType) {
        return output == 1 ? DType.I32 : graphType;
    }

    @Override
    public List<Operand> operands(Node node) {
        return List.of(Operand.of(node.input(0)), Operand.weight(node.input(1), Packing.ROWS), Operand.of(node.input(2)), Operand.of(node.input(3)),
            Operand.of(node.input(4)), Operand.of(node.output(0)), Operand.of(node.output(1)));
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {renormalise ? 1 : 0};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        throw new NoGradientException("head_top_k chooses tokens and has no gradient; train with head_cross_entropy; asked at " + node);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        throw new NoTangentException("head_top_k chooses tokens and has no tangent; train with head_cross_entropy; asked at " + node);
    }
}
