package org.primer4j.graph.ops;

import java.util.List;
import java.util.stream.LongStream;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.NoTangentException;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * One step of causal attention with a cache of keys and values, for generation. Inputs {@code q, k, v [B, d]}, one new token a row;
 * the cache's keys and values, states {@code [C, d]}; slot, a cache row for each row; past, cache rows, and the offsets that cut them
 * into a list for each row; then bias and the prefix's keys and values, or none. Output {@code o [B, d]}. Row b's k and v go to the cache row
 * slot[b]; then row b attends to the prefix and the cache rows of its list, whose last one is its slot. Row b is the position after all others of
 * its list. A hypothesis that goes on from another takes over its list: nothing is copied. Kernel in {@code cached_attention.cpp}.
 *
 * @param kind heads, scale and relative positions
 */
public record CachedAttention(Attention kind) implements Op {

    /** Place of slot, past and past's offsets among the inputs. */
    public static final int SLOT = 5, PAST = 6, PAST_OFFSETS = 7;
    private static final int CACHE = 3;
    private static final int BIAS = 8;

    @Override
    public String name() {
        return "cached_attention";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape q = inputs.get(0).shape();
        if (q.axis() == null || !q.equals(inputs.get(1).shape()) || !q.equals(inputs.get(2).shape()) || q.cols() % kind.heads() != 0) {
            throw new ShapeException("cached_attention with " + kind.heads() + " heads does not take the shapes " + q + ", " + inputs.get(1).shape()
                + ", " + inputs.get(2).shape());
        }
        Shape cache = checkedCache(inputs, q);
        checkLists(inputs, q, cache);
        AttentionInputs.checkBias(kind, inputs.get(BIAS));
        AttentionInputs.checkPrefix(inputs.get(BIAS + 1) == null ? null : new Prefix(inputs.get(BIAS + 1), inputs.get(BIAS + 2)), q.cols());
        return List.of(q);
    }

    private static Shape checkedCache(List<Value> inputs, Shape q) {
        for (Value cache : inputs.subList(CACHE, CACHE + 2)) {
            boolean state = cache.node().op() instanceof Leaf leaf && leaf.kind() == Leaf.Kind.STATE && leaf.shape().axis() != null;
            if (!state || cache.cols() != q.cols() || !cache.shape().equals(inputs.get(CACHE).shape())) {
                throw new ShapeException("cached_attention of width " + q.cols() + " needs two states of one shape along an axis as cache, not " + cache);
            }
        }
        if (inputs.get(CACHE) == inputs.get(CACHE + 1)) {
            throw new ShapeException("cached_attention is given one state, " + inputs.get(CACHE) + ", for keys and for values");
        }
        return inputs.get(CACHE).shape();
    }

    private void checkLists(List<Value> inputs, Shape q, Shape cache) {
        Value slot = inputs.get(SLOT), past = inputs.get(PAST), offsets = inputs.get(PAST_OFFSETS);
        Indices.checkRows(name(), slot, cache);
        Indices.checkRows(name(), past, cache);
        IndexLimits.Offsets cut = Segments.offsetsOf(offsets);
        if (!slot.shape().equals(q.withCols(1)) || !offsets.shape().equals(q.withCols(1)) || !cut.target().equals(past.shape().axis())) {
            throw new ShapeException("cached_attention of the rows " + q + " does not take slots along " + slot.shape() + " and lists "
                + past.shape() + " cut by " + offsets.shape());
        }
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        throw new NoGradientException("cached_attention is for generation and has no gradient: train with attention; asked at " + node);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        throw new NoTangentException("cached_attention is for generation and has no tangent: train with attention; asked at " + node);
    }

    @Override
    public long[] integers(Node node) {
        LongStream sizes = LongStream.of(kind.heads(), Segments.offsetsOf(node.input(PAST_OFFSETS)).longest());
        return LongStream.concat(sizes, kind.bucketIntegers()).toArray();
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {kind.scale()};
    }

    @Override
    public boolean effect() {
        return true;
    }
}
