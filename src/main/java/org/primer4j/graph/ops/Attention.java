package org.primer4j.graph.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
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

    private static final int Q = 0, K = 1, V = 2, BIAS = 5, PREFIX_KEYS = 6, PREFIX_VALUES = 7;

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

    @Override
    public boolean hasTangents() {
        return true;
    }

    // lse is read by the backward ops only, whose tangents take its own from the inputs'.
    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        if (!needed[0]) {
            return Arrays.asList(null, null);
        }
        List<Value> inputs = new ArrayList<>(node.inputs());
        inputs.add(node.output(1));
        inputs.addAll(real(tangents));
        return Arrays.asList(node.graph().append(new Tangent(this), inputs).output(0), null);
    }

    /** Of a value for each input, those of the inputs that are real numbers. */
    private static List<Value> real(List<Value> ofInputs) {
        return Stream.of(Q, K, V, BIAS, PREFIX_KEYS, PREFIX_VALUES).map(ofInputs::get).collect(Collectors.toCollection(ArrayList::new));
    }

    /** Whether the scores move: by any tangent but the values'. */
    private static boolean scoresMove(List<Value> tangents) {
        return Stream.of(Q, K, BIAS, PREFIX_KEYS).anyMatch(i -> tangents.get(i) != null);
    }

    private static void checkTangents(Op op, List<Value> inputs, List<Value> tangents) {
        if (tangents.stream().allMatch(Objects::isNull)) {
            throw new ShapeException(op.name() + " is given no tangent");
        }
        for (int i = 0; i < tangents.size(); i++) {
            Value tangent = tangents.get(i);
            if (tangent != null && (inputs.get(i) == null || !tangent.shape().equals(inputs.get(i).shape()))) {
                throw new ShapeException(op.name() + " does not take " + tangent + " as the tangent of " + inputs.get(i));
            }
        }
    }

    /**
     * How the output moves with the inputs: {@code o' = P' v + P v'}, {@code P' = P (S' - rowsum(P S'))}. Inputs are the forward op's, then lse,
     * then the tangents of q, k, v, bias, prefix keys and values, null where one does not move. Kernel in {@code attention_tangent.cpp}.
     */
    public record Tangent(Attention kind) implements Op {

        private static final int LSE = 8;

        @Override
        public String name() {
            return "attention_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            checkTangents(this, real(inputs), inputs.subList(LSE + 1, inputs.size()));
            return List.of(inputs.get(Q).shape());
        }

        @Override
        public long[] integers(Node node) {
            return kind.integers(AttentionInputs.of(node.inputs()));
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {kind.scale};
        }
    }

    /**
     * Outputs dq, dk, dv, dBias (a lane), dPrefix keys and values, each only where it is needed. Inputs do, then the forward op's,
     * then lse.
     */
    public record Backward(Attention kind, boolean dq, boolean dk, boolean dv, boolean dBias, boolean dPrefixKeys, boolean dPrefixValues)
        implements Op {

        private static final int LSE = 9;

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
            return AttentionInputs.of(inputs.subList(1, LSE));
        }

        @Override
        public long[] integers(Node node) {
            return kind.integers(inputs(node.inputs()));
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {kind.scale};
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Backward moving = moving(tangents, needed);
            List<Value> inputs = new ArrayList<>(node.inputs());
            inputs.add(tangents.get(0));
            inputs.addAll(real(tangents.subList(1, LSE)));
            return moving.isEmpty() ? Collections.nCopies(needed.length, null) : node.graph().append(new BackwardTangent(moving), inputs).outputs();
        }

        // P does not move with the values, nor then their gradient unless do moves.
        private Backward moving(List<Value> tangents, boolean[] needed) {
            boolean values = tangents.get(0) != null || scoresMove(tangents.subList(1, LSE));
            return new Backward(kind, needed[0], needed[1], needed[2] && values, needed[3], needed[4], needed[5] && values);
        }

        private boolean isEmpty() {
            return !(dq || dk || dv || dBias || dPrefixKeys || dPrefixValues);
        }
    }

    /**
     * How those gradients move, each only where it is needed. Inputs are the backward op's, then the tangents of do, q, k, v, bias, prefix keys
     * and values, null where one does not move. Kernel in {@code attention_backward_tangent.cpp}.
     *
     * @param gradients whose tangents are made
     */
    public record BackwardTangent(Backward gradients) implements Op {

        @Override
        public String name() {
            return "attention_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            List<Value> primals = new ArrayList<>(List.of(inputs.get(0)));
            primals.addAll(real(inputs.subList(1, Backward.LSE)));
            checkTangents(this, primals, inputs.subList(Backward.LSE + 1, inputs.size()));
            return gradients.shapes(inputs);
        }

        @Override
        public long[] integers(Node node) {
            return gradients.integers(node);
        }

        @Override
        public double[] reals(Node node) {
            return gradients.reals(node);
        }
    }
}
