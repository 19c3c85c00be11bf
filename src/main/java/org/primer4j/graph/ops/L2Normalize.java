package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.rsqrt;
import static org.primer4j.graph.Ops.sumCols;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Rows of length 1: {@code y = x / ||x||}; output norm {@code [N, 1]} is for the backward pass. */
public record L2Normalize() implements Op.Fused {

    @Override
    public String name() {
        return "l2_normalize";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        if (x.axis() == null) {
            throw new ShapeException("l2_normalize needs rows along an axis, not the shape " + x);
        }
        return List.of(x, x.withCols(1));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return List.of(upstream.get(0).graph().add(new Backward(), upstream.get(0), node.output(0), node.output(1)).output(0));
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(0);
        return Arrays.asList(mul(x, broadcastCols(rsqrt(sumCols(mul(x, x))), x.cols())), null);
    }

    /** {@code dx = (dy - y (y . dy)) / norm}. */
    public record Backward() implements Op {

        @Override
        public String name() {
            return "l2_normalize_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }
    }
}
