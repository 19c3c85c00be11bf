package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.scaleColumns;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** IA3's scaling (Liu et al. 2022, sec. 3.3): {@code y_tj = x_tj l_j}, {@code x [T, d], l [1, d] -> [T, d]}. */
public record ScaleColumns() implements Op.Fused {

    @Override
    public String name() {
        return "scale_columns";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape(), l = inputs.get(1).shape();
        if (x.axis() == null || l.axis() != null || l.rows() != 1 || l.cols() != x.cols()) {
            throw new ShapeException("scale_columns of " + x + " does not take the scale " + l);
        }
        return List.of(x);
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0), l = node.input(1);
        Node back = dy.graph().add(new Backward(needed[0], needed[1]), dy, node.input(0), l);
        return Arrays.asList(back.output(0), needed[1] ? Broadcast.likeWeight(back.output(1), l) : null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.bilinear(node, tangents);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(0);
        return List.of(mul(x, broadcastRows(inputs.get(1), x.shape().axis())));
    }

    /** {@code dx = dy l, dl = sum over rows of dy x}, each only when needed. */
    public record Backward(boolean dx, boolean dl) implements Op {

        @Override
        public String name() {
            return "scale_columns_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(1).shape();
            return Arrays.asList(dx ? x : null, dl ? Shape.laned(1, x.cols()) : null);
        }

        // Linear in dy; of the other two, dx depends on l alone and dl on x.
        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value dy = node.input(0), x = node.input(1), l = node.input(2), dyTangent = tangents.get(0);
            List<Value> first = dyTangent == null ? Arrays.asList(null, null) : node.graph().add(this, dyTangent, x, l).outputs();
            Value dxMore = dx ? Tangents.of(tangents.get(2), t -> scaleColumns(dy, t)) : null;
            Value dlMore = dl ? Tangents.of(tangents.get(1), t -> dy.graph().add(new Backward(false, true), dy, t, l).output(1)) : null;
            return Arrays.asList(Tangents.sum(first.get(0), dxMore), Tangents.sum(first.get(1), dlMore));
        }
    }
}
