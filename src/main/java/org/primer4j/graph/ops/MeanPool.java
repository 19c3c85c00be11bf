package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.fill;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Mean of each sequence's rows: {@code x [T, d]}, the sequences' offsets {@code -> [N, d]}. */
public record MeanPool() implements Op.Fused {

    @Override
    public String name() {
        return "mean_pool";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        if (!Segments.offsetsOf(inputs.get(1)).target().equals(x.axis())) {
            throw new ShapeException("mean_pool of " + x + " is given offsets of another axis");
        }
        return List.of(inputs.get(1).shape().withCols(x.cols()));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Shape x = node.input(0).shape();
        return Arrays.asList(upstream.get(0).graph().add(new Backward(x), upstream.get(0), node.input(1)).output(0), null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(0), offsets = inputs.get(1);
        Value sum = Segments.of(Segments.Kind.SEGMENT_SUM, x, offsets);
        Value ones = fill(x.graph(), 1, x.shape().withCols(1));
        Value lengths = Segments.of(Segments.Kind.SEGMENT_SUM, ones, offsets);
        return List.of(mul(sum, broadcastCols(reciprocal(lengths), x.cols())));
    }

    /** {@code dx_t = dy_n / length of n}. */
    public record Backward(Shape x) implements Op {

        @Override
        public String name() {
            return "mean_pool_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(x);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }
    }
}
