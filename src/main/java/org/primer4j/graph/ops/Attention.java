package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Multi-head attention of packed sequences, each to itself (Vaswani et al. 2017, eq. 1):
 * {@code o = softmax(q k^T / sqrt(d / heads)) v} per sequence and head. Inputs {@code q, k, v [T, d]} and the sequences' offsets;
 * outputs {@code o [T, d]} and {@code lse [T, heads]} for the backward pass.
 */
public record Attention(int heads) implements Op.Fused {

    /** Axis and input that the decomposition needs beside the fused op's: the batch's (query, key) pairs. */
    public static final String PAIRS = "attention.pairs";
    /** First pair of each query. */
    public static final String PAIR_OFFSETS = "attention.pair_offsets";

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape q = inputs.get(0).shape();
        boolean alike = q.equals(inputs.get(1).shape()) && q.equals(inputs.get(2).shape());
        if (q.axis() == null || !alike || q.cols() % heads != 0) {
            throw new ShapeException("attention with " + heads + " heads does not take the shapes " + q + ", " + inputs.get(1).shape() + ", "
                + inputs.get(2).shape());
        }
        if (!Segments.offsetsOf(inputs.get(3)).target().equals(q.axis())) {
            throw new ShapeException("attention over " + q + " is given offsets of another axis");
        }
        return List.of(q, q.withCols(heads));
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {heads, Segments.offsetsOf(node.input(3)).longest()};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dO = upstream.get(0);
        Node back = dO.graph().add(new Backward(heads), dO, node.input(0), node.input(1), node.input(2), node.input(3),
            node.output(1));
        return Arrays.asList(back.output(0), back.output(1), back.output(2), null);
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value q = inputs.get(0), k = inputs.get(1), v = inputs.get(2), offsets = inputs.get(3);
        Graph graph = q.graph();
        Axis tokens = q.shape().axis();
        int longest = Segments.offsetsOf(offsets).longest();
        Axis pairs = graph.axis(PAIRS, Math.multiplyExact(tokens.capacity(), longest));
        Value keys = graph.offsets(PAIR_OFFSETS, tokens, pairs, longest);
        double factor = 1 / Math.sqrt((double) q.cols() / heads);
        Value scores = scale(PairProducts.of(PairProducts.Kind.PAIR_SCORES, heads, pairs, q, k, offsets), factor);
        Value top = Segments.of(Segments.Kind.SEGMENT_BROADCAST, Segments.of(Segments.Kind.SEGMENT_MAX, scores, keys), keys);
        Value shifted = exp(sub(scores, top));
        Value sums = Segments.of(Segments.Kind.SEGMENT_SUM, shifted, keys);
        Value p = mul(shifted, Segments.of(Segments.Kind.SEGMENT_BROADCAST, reciprocal(sums), keys));
        return Arrays.asList(PairProducts.of(PairProducts.Kind.PAIR_MIX, heads, null, p, v, offsets), null);
    }

    /** Outputs dq, dk, dv; formulas in {@code attention.cpp}. */
    public record Backward(int heads) implements Op {

        @Override
        public String name() {
            return "attention_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape q = inputs.get(1).shape();
            return List.of(q, q, q);
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {heads, Segments.offsetsOf(node.input(4)).longest()};
        }
    }
}
