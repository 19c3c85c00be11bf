package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * One row of each segment: {@code y_n = x[offsets_n + place_n]}, {@code x [T, d]}, places {@code [N] -> [N, d]};
 * kernels in {@code segments.cpp}.
 */
public record PickInSegment() implements Op {

    @Override
    public String name() {
        return "pick_in_segment";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Indices.checkPlaces(name(), inputs.get(2), inputs.get(1));
        Shape x = inputs.get(0).shape();
        if (!Segments.offsetsOf(inputs.get(1)).target().equals(x.axis())) {
            throw new ShapeException(name() + " from " + x + " is given offsets of another axis");
        }
        return List.of(inputs.get(2).shape().withCols(inputs.get(0).cols()));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value x = node.input(0);
        return Arrays.asList(x.graph().add(new Place(x.shape()), upstream.get(0), node.input(1), node.input(2)).output(0), null, null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    public static Value of(Value x, Value offsets, Value place) {
        return x.graph().add(new PickInSegment(), x, offsets, place).output(0);
    }

    /** The adjoint: each row put at its place in its segment, zeros elsewhere. */
    public record Place(Shape x) implements Op {

        @Override
        public String name() {
            return "place_in_segment";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(x);
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Arrays.asList(PickInSegment.of(upstream.get(0), node.input(1), node.input(2)), null, null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }
    }
}
