package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.scale;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A bottleneck adapter: {@code y = h + s (act(x D^T + b_D) U^T + b_U)}. In sequence x is h (Houlsby et al. 2019, fig. 2); in
 * parallel x is the input of the block whose output is h (He et al. 2022, table 1).
 * Inputs {@code h [T, d], x [T, e], D [b, e], b_D [1, b], U [d, b], b_U [1, d]}; outputs {@code y [T, d]}, and z, a {@code [T, b]}
 * (before and after the activation) for the backward pass.
 *
 * @param activation act, NONE for none
 * @param factor s
 */
public record Adapter(Activation activation, double factor) implements Op.Fused {

    private static final int PARAMETERS = 2;

    @Override
    public String name() {
        return "adapter";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape h = inputs.get(0).shape(), x = inputs.get(1).shape(), down = inputs.get(2).shape(), up = inputs.get(4).shape();
        boolean laned = inputs.subList(PARAMETERS, inputs.size()).stream().allMatch(v -> v.shape().laned());
        if (x.axis() == null || !x.axis().equals(h.axis()) || !laned || down.cols() != x.cols() || up.rows() != h.cols()
            || up.cols() != down.rows() || !inputs.get(3).shape().equals(Shape.laned(1, down.rows()))
            || !inputs.get(5).shape().equals(Shape.laned(1, h.cols()))) {
            throw new ShapeException("adapter from rows of shape " + x + " to " + h + " does not take the projections " + down + " and " + up);
        }
        Shape inner = x.withCols(down.rows());
        return List.of(h, inner, inner);
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {activation.ordinal()};
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {factor};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0);
        boolean sequential = node.input(0) == node.input(1);
        Backward op = new Backward(activation, factor, sequential, needed[1]);
        Node back = dy.graph().add(op, dy, node.input(1), node.input(2), node.input(4), node.output(1), node.output(2));
        return Arrays.asList(sequential ? null : dy, back.output(1), back.output(2), back.output(3), back.output(4), back.output(5));
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value z = Linear.plain(inputs.get(1), inputs.get(2), inputs.get(3)), a = activation.primitive(z);
        return List.of(add(inputs.get(0), scale(Linear.plain(a, inputs.get(4), inputs.get(5)), factor)), z, a);
    }

    // The large products stay fast ones: the linear layers have tangents.
    @Override
    public List<Value> decomposeForTangents(List<Value> inputs) {
        Value a = linear(inputs.get(1), inputs.get(2), inputs.get(3), activation), up = linear(a, inputs.get(4), inputs.get(5));
        return Arrays.asList(add(inputs.get(0), factor == 1 ? up : scale(up, factor)), null, null);
    }

    /**
     * Outputs dz, dx (or none), dD, db_D, dU, db_U; formulas in {@code adapter.cpp}.
     *
     * @param sequential whether x is h, so that dx is the whole gradient of both
     */
    public record Backward(Activation activation, double factor, boolean sequential, boolean dx) implements Op {

        @Override
        public String name() {
            return "adapter_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(1).shape(), down = inputs.get(2).shape(), up = inputs.get(3).shape();
            return Arrays.asList(inputs.get(4).shape(), dx ? x : null, down, Shape.laned(1, down.rows()), up, Shape.laned(1, up.rows()));
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {activation.ordinal(), sequential ? 1 : 0};
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {factor};
        }
    }
}
