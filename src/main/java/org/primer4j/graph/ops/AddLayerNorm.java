package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.rsqrt;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;
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
 * Layer normalisation of a sum (Ba et al. 2016, eq. 4): {@code y = g (x + w - mean) / sqrt(var + eps) + b} over each row.
 * Inputs {@code x [T, d]}, the residual {@code w [T, d]} or none, {@code g, b [1, d]}; outputs y, and the normalised rows
 * {@code n [T, d]} and {@code rstd [T, 1]} for the backward pass.
 */
public record AddLayerNorm(double eps) implements Op.Fused {

    @Override
    public String name() {
        return "add_layer_norm";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        Value residual = inputs.get(1);
        if (x.axis() == null || (residual != null && !residual.shape().equals(x)) || !isRow(inputs.get(2), x.cols())
            || !isRow(inputs.get(3), x.cols())) {
            throw new ShapeException("add_layer_norm of " + x + (residual == null ? "" : " and " + residual.shape()) + " does not take the scale "
                + inputs.get(2).shape() + " and shift " + inputs.get(3).shape());
        }
        return List.of(x, x, x.withCols(1));
    }

    private static boolean isRow(Value v, int cols) {
        return v.shape().axis() == null && v.shape().rows() == 1 && v.cols() == cols;
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {eps};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0), g = node.input(2), b = node.input(3);
        Node back = dy.graph().add(new Backward(needed[0] || needed[1], needed[2], needed[3]), dy, node.output(1), node.output(2), g);
        return Arrays.asList(needed[0] ? back.output(0) : null, needed[1] ? back.output(0) : null,
            needed[2] ? Broadcast.likeWeight(back.output(1), g) : null, needed[3] ? Broadcast.likeWeight(back.output(2), b) : null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        Value x = tangents.get(0), residual = tangents.get(1);
        boolean rows = x != null || residual != null;
        ForwardTangent op = new ForwardTangent(needed[0], rows && needed[1], rows && needed[2]);
        return node.graph().add(op, node.output(1), node.output(2), node.input(2), x, residual, tangents.get(2), tangents.get(3)).outputs();
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(1) == null ? inputs.get(0) : add(inputs.get(0), inputs.get(1));
        int d = x.cols();
        Value centred = sub(x, broadcastCols(scale(sumCols(x), 1.0 / d), d));
        Value rstd = rsqrt(addScalar(scale(sumCols(mul(centred, centred)), 1.0 / d), eps));
        Value n = mul(centred, broadcastCols(rstd, d));
        Value y = add(mul(n, broadcastRows(inputs.get(2), x.shape().axis())), broadcastRows(inputs.get(3), x.shape().axis()));
        return List.of(y, n, rstd);
    }

    /** Outputs dx, dg, db, each only when needed; formulas in {@code add_layer_norm.cpp}. */
    public record Backward(boolean dx, boolean dg, boolean db) implements Op {

        @Override
        public String name() {
            return "add_layer_norm_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(0).shape(), parameter = Shape.laned(1, x.cols());
            return Arrays.asList(dx ? x : null, dg ? parameter : null, db ? parameter : null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value dy = tangents.get(0), n = tangents.get(1);
            BackwardTangent op = new BackwardTangent(needed[0], needed[1] && (dy != null || n != null), needed[2] && dy != null);
            return node.graph().append(op, Stream.concat(node.inputs().stream(), tangents.stream()).toList()).outputs();
        }
    }

    /**
     * The tangents of y, n and rstd, each only when needed; formulas in {@code add_layer_norm_tangent.cpp}. Inputs n, rstd, g, and the tangents
     * of x, w, g, b, any of which may be null.
     */
    public record ForwardTangent(boolean y, boolean n, boolean rstd) implements Op {

        @Override
        public String name() {
            return "add_layer_norm_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape rows = inputs.get(0).shape();
            return Arrays.asList(y ? rows : null, n ? rows : null, rstd ? rows.withCols(1) : null);
        }
    }

    /** The tangents of dx, dg, db, each only when needed. Inputs dy, n, rstd, g and their tangents, any of which may be null. */
    public record BackwardTangent(boolean dx, boolean dg, boolean db) implements Op {

        @Override
        public String name() {
            return "add_layer_norm_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return new Backward(dx, dg, db).shapes(inputs);
        }
    }
}
