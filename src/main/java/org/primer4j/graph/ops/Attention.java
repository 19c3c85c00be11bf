package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;

/**
 * Multi-head attention of packed sequences (Vaswani et al. 2017, eq. 1), each to its own keys:
 * {@code o = softmax(scale q k^T + bias) v} per sequence and head. Inputs as {@link AttentionInputs} lists them; outputs
 * {@code o [queries, d]} and {@code lse [queries, heads]} for the backward pass. Kernels in {@code attention.cpp}.
 *
 * @param heads number of heads, which cut the columns
 * @param causal whether query i of a sequence sees only the keys j <= i + (keys - queries), besides the prefix
 * @param scale factor of the products: 1/sqrt(d / heads) in BERT and BART, 1 in T5
 * @param buckets relative positions, whose bias is a trained or frozen table; null for none. The relative position of a key is
 *     {@code j - (i + keys - queries)}
 */
public record Attention(int heads, boolean causal, double scale, RelativeBuckets buckets) implements Op.Fused {

    private static final int BIAS = 5, PREFIX_KEYS = 6, PREFIX_VALUES = 7;

    /** @throws IllegalArgumentException when there are no heads, or the scale is no positive number */
    public Attention {
        if (heads < 1 || !(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("attention needs at least one head and a positive scale, not " + heads + " and " + scale);
        }
    }

    /** Each sequence's tokens attend to all of them, scaled by 1/sqrt(d / heads). */
    public static Attention full(int heads, int d) {
        return new Attention(heads, false, 1 / Math.sqrt((double) d / heads), null);
    }

    /** Name of the axis of (query, key) pairs that the decomposition needs beside the fused op's axes. */
    public static String pairs(Attention kind, Value queryOffsets, Value keyOffsets, Prefix prefix) {
        return AttentionPairs.axisName(kind.causal, queryOffsets, keyOffsets, prefix == null ? 0 : prefix.rows());
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        AttentionInputs in = AttentionInputs.of(inputs);
        in.check(this);
        return List.of(in.q().shape(), in.q().shape().withCols(heads));
    }

    @Override
    public long[] integers(Node node) {
        return integers(AttentionInputs.of(node.inputs()));
    }

    private long[] integers(AttentionInputs in) {
        LongStream sizes = LongStream.of(heads, causal ? 1 : 0, in.queryCut().longest(), in.keyCut().longest());
        return LongStream.concat(sizes, bucketIntegers()).toArray();
    }

    /** Whether both directions have buckets, and each bucket's smallest distance; no distances without a bias. */
    LongStream bucketIntegers() {
        LongStream distances = buckets == null ? LongStream.empty() : IntStream.of(buckets.smallestDistances()).asLongStream();
        return LongStream.concat(LongStream.of(buckets != null && buckets.bidirectional() ? 1 : 0), distances);
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {scale};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        AttentionInputs in = AttentionInputs.of(node.inputs());
        Segments.offsetsOf(in.queryOffsets());
        Value[] inputs = new Value[node.inputs().size() + 2];
        inputs[0] = upstream.get(0);
        for (int i = 0; i < node.inputs().size(); i++) {
            inputs[i + 1] = node.input(i);
        }
        inputs[inputs.length - 1] = node.output(1);
        Backward op = new Backward(this, needed[0], needed[1], needed[2], needed[BIAS], needed[PREFIX_KEYS], needed[PREFIX_VALUES]);
        Node back = in.q().graph().add(op, inputs);
        Value bias = needed[BIAS] ? Broadcast.likeWeight(back.output(3), in.bias()) : null;
        return Arrays.asList(back.output(0), back.output(1), back.output(2), null, null, bias, back.output(4), back.output(5));
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        return Arrays.asList(AttentionPairs.decompose(this, AttentionInputs.of(inputs)), null);
    }

    /**
     * Outputs dq, dk, dv, dBias (a lane), dPrefix keys and values, each only where it is needed. Inputs do, then the forward op's,
     * then lse.
     */
    public record Backward(Attention kind, boolean dq, boolean dk, boolean dv, boolean dBias, boolean dPrefixKeys, boolean dPrefixValues)
        implements Op {

        @Override
        public String name() {
            return "attention_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            AttentionInputs in = inputs(inputs);
            Shape keys = in.k().shape();
            return Arrays.asList(dq ? in.q().shape() : null, dk ? keys : null, dv ? keys : null,
                dBias ? Shape.laned(in.bias().shape().rows(), kind.heads) : null,
                dPrefixKeys ? in.prefix().keys().shape() : null, dPrefixValues ? in.prefix().values().shape() : null);
        }

        private static AttentionInputs inputs(List<Value> inputs) {
            return AttentionInputs.of(inputs.subList(1, inputs.size() - 1));
        }

        @Override
        public long[] integers(Node node) {
            return kind.integers(inputs(node.inputs()));
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {kind.scale};
        }
    }
}
