package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.rsqrt;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sumCols;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Root mean square normalisation (Zhang and Sennrich 2019, eq. 4): {@code y = g x / sqrt(mean(x^2) + eps)} over each row.
 * Inputs {@code x [T, d], g [1, d]}, trained or frozen; outputs {@code y [T, d]}, and {@code rstd [T, 1]} for the backward pass.
 *
 * @param eps added to the mean square
 */
public record RmsNorm(double eps) implements Op.Fused {

    @Override
    public String name() {
        return "rms_norm";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape(), g = inputs.get(1).shape();
        if (x.axis() == null || g.axis() != null || g.rows() != 1 || g.cols() != x.cols()) {
            throw new ShapeException("rms_norm of " + x + " does not take the scale " + g);
        }
        return List.of(x, x.withCols(1));
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {eps};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0), x = node.input(0), g = node.input(1);
        Node back = dy.graph().add(new Backward(needed[0], needed[1]), dy, x, node.output(1), g);
        return Arrays.asList(back.output(0), needed[1] ? Broadcast.likeWeight(back.output(1), g) : null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        ForwardTangent op = new ForwardTangent(needed[0], needed[1] && tangents.get(0) != null);
        return node.graph().add(op, node.input(0), node.output(1), node.input(1), tangents.get(0), tangents.get(1)).outputs();
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(0);
        int d = x.cols();
        Value rstd = rsqrt(addScalar(scale(sumCols(mul(x, x)), 1.0 / d), eps));
        return List.of(mul(mul(x, broadcastCols(rstd, d)), broadcastRows(inputs.get(1), x.shape().axis())), rstd);
    }

    /** Outputs dx, dg, each only when needed; formulas in {@code rms_norm.cpp}. */
    public record Backward(boolean dx, boolean dg) implements Op {

        @Override
        public String name() {
            return "rms_norm_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(1).shape();
            return Arrays.asList(dx ? x : null, dg ? Shape.laned(1, x.cols()) : null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            BackwardTangent op = new BackwardTangent(needed[0], needed[1] && (tangents.get(0) != null || tangents.get(1) != null));
            return node.graph().append(op, Stream.concat(node.inputs().stream(), tangents.stream()).toList()).outputs();
        }
    }

    /**
     * The tangents of y and rstd, each only when needed; formulas in {@code rms_norm_tangent.cpp}. Inputs x, rstd, g, and the tangents of x
     * and g, one of which may be null.
     */
    public record ForwardTangent(boolean y, boolean rstd) implements Op {

        @Override
        public String name() {
            return "rms_norm_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(0).shape();
            return Arrays.asList(y ? x : null, rstd ? x.withCols(1) : null);
        }
    }

    /** The tangents of dx and dg, each only when needed. Inputs dy, x, rstd, g and their tangents, any of which may be null. */
    public record BackwardTangent(boolean dx, boolean dg) implements Op {

        @Override
        public String name() {
            return "rms_norm_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return new Backward(dx, dg).shapes(inputs);
        }
    }
}
