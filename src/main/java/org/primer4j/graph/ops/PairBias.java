package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * The relative bias of each (query, key) pair: {@code table [buckets, H] -> [P, H]}, row ij is the table's row of the bucket of
 * {@code j - (i + keys - queries)}, and zeros for the keys of a prefix. Inputs: table, offsets of the queries, offsets of the keys,
 * prefix included. Kernels in {@code pair_bias.cpp}.
 *
 * @param prefix leading keys of each sequence without bias
 * @param pairs axis of the pairs
 */
public record PairBias(int heads, boolean causal, RelativeBuckets buckets, int prefix, Axis pairs) implements Op {

    /** Place of the queries' offsets among the inputs; the keys' follow. */
    public static final int OFFSETS = 1;

    @Override
    public String name() {
        return "pair_bias";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape table = inputs.get(0).shape();
        if (table.axis() != null || table.rows() != buckets.buckets() || table.cols() != heads) {
            throw new ShapeException("pair_bias with " + heads + " heads and " + buckets + " does not take the table " + table);
        }
        Segments.offsetsOf(inputs.get(OFFSETS));
        Segments.offsetsOf(inputs.get(OFFSETS + 1));
        return List.of(Shape.along(pairs, heads));
    }

    @Override
    public long[] integers(Node node) {
        return integers(this);
    }

    private static long[] integers(PairBias op) {
        LongStream sizes = LongStream.of(op.heads, op.causal ? 1 : 0, op.prefix);
        return LongStream.concat(sizes, new Attention(op.heads, op.causal, 1, op.buckets).bucketIntegers()).toArray();
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value sums = node.graph().add(new Sum(this), upstream.get(0), node.input(1), node.input(2)).output(0);
        return Arrays.asList(Broadcast.likeWeight(sums, node.input(0)), null, null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    static Value of(PairProducts.Cut cut, RelativeBuckets buckets, int prefix, Axis pairs, Value table) {
        PairBias op = new PairBias(cut.heads(), cut.causal(), buckets, prefix, pairs);
        return table.graph().add(op, table, cut.queryOffsets(), cut.keyOffsets()).output(0);
    }

    /** The adjoint: {@code [P, H] -> [buckets, H]} a lane, each row the sum of its pairs in their order. */
    public record Sum(PairBias bias) implements Op {

        @Override
        public String name() {
            return "pair_bias_sum";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(Shape.laned(bias.buckets.buckets(), bias.heads));
        }

        @Override
        public long[] integers(Node node) {
            return PairBias.integers(bias);
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Arrays.asList(node.graph().add(bias, upstream.get(0), node.input(1), node.input(2)).output(0), null, null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }
    }
}
