package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A bottleneck adapter (Houlsby et al. 2019, fig. 2): {@code y = x + gelu(x D^T + b_D) U^T + b_U}.
 * Inputs {@code x [T, d], D [b, d], b_D [1, b], U [d, b], b_U [1, d]}; outputs {@code y [T, d]}, and z, a {@code [T, b]}
 * (before and after the activation) for the backward pass.
 */
public record Adapter() implements Op.Fused {

    @Override
    public String name() {
        return "adapter";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape(), down = inputs.get(1).shape(), up = inputs.get(3).shape();
        boolean laned = inputs.subList(1, 5).stream().allMatch(v -> v.shape().laned());
        if (x.axis() == null || !laned || down.cols() != x.cols() || up.rows() != x.cols() || up.cols() != down.rows()
            || !inputs.get(2).shape().equals(Shape.laned(1, down.rows())) || !inputs.get(4).shape().equals(Shape.laned(1, x.cols()))) {
            throw new ShapeException("adapter on rows of shape " + x + " does not take the projections " + down + " and " + up);
        }
        Shape inner = x.withCols(down.rows());
        return List.of(x, inner, inner);
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0);
        Node back = dy.graph().add(new Backward(needed[0]), dy, node.input(0), node.input(1), node.input(3), node.output(1), node.output(2));
        return Arrays.asList(back.output(1), back.output(2), back.output(3), back.output(4), back.output(5));
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value z = Linear.plain(inputs.get(0), inputs.get(1), inputs.get(2)), a = Gelu.primitive(z);
        return List.of(add(inputs.get(0), Linear.plain(a, inputs.get(3), inputs.get(4))), z, a);
    }

    /** Outputs dz, dx (or none), dD, db_D, dU, db_U; formulas in {@code adapter.cpp}. */
    public record Backward(boolean dx) implements Op {

        @Override
        public String name() {
            return "adapter_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(1).shape(), down = inputs.get(2).shape(), up = inputs.get(3).shape();
            return Arrays.asList(inputs.get(4).shape(), dx ? x : null, down, Shape.laned(1, down.rows()), up, Shape.laned(1, up.rows()));
        }
    }
}
