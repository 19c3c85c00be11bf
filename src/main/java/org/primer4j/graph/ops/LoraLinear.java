package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Operand;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A linear layer with a low-rank update (Hu et al. 2021, eq. 3): {@code y = x W^T + b + s (u A^T) B^T}.
 * Inputs {@code x [T, in]}, {@code u [T, in]} (x itself, or x after dropout), {@code W [out, in], b [1, out]} or none,
 * {@code A [r, in]}, {@code B [out, r]}; outputs {@code y [T, out], h [T, r]}, h = u A^T for the backward pass.
 *
 * @param factor s, alpha / r
 */
public record LoraLinear(double factor) implements Op.Fused {

    @Override
    public String name() {
        return "lora_linear";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape y = Linear.checked(name(), inputs.get(0), inputs.get(2), inputs.get(3));
        Shape x = inputs.get(0).shape(), a = inputs.get(4).shape(), b = inputs.get(5).shape();
        if (!a.laned() || !b.laned() || a.cols() != x.cols() || b.cols() != a.rows() || b.rows() != y.cols()
            || !inputs.get(1).shape().equals(x)) {
            throw new ShapeException("lora_linear from " + x + " to " + y + " does not take the factors A " + a + " and B " + b);
        }
        return List.of(y, x.withCols(a.rows()));
    }

    @Override
    public List<Operand> operands(Node node) {
        return List.of(Operand.of(node.input(0)), Operand.of(node.input(1)), Operand.weight(node.input(2), Packing.FORWARD),
            Operand.of(node.input(3)), Operand.of(node.input(4)), Operand.of(node.input(5)), Operand.of(node.output(0)),
            Operand.of(node.output(1)));
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {factor};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        boolean same = node.input(0) == node.input(1);
        Value dy = upstream.get(0);
        Node back = dy.graph().add(new Backward(factor, same, needed[0], needed[1] && !same, needed[4], needed[5]), dy, node.input(1),
            node.input(2), node.input(4), node.input(5), node.output(1));
        Value dBias = needed[3] ? Broadcast.likeWeight(Broadcast.of(Broadcast.Kind.SUM_ROWS, dy, null, 0), node.input(3)) : null;
        Value dWeight = needed[2] ? Linear.BackwardWeight.of(dy, node.input(0), node.input(2)) : null;
        return Arrays.asList(back.output(1), back.output(2), dWeight, dBias, back.output(3), back.output(4));
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        Value x = tangents.get(0), weight = tangents.get(2), bias = tangents.get(3);
        boolean h = tangents.get(1) != null || tangents.get(4) != null, low = h || tangents.get(5) != null;
        Value y = null, hTangent = null;
        if (x != null || low) {
            Node moved = node.graph().add(new ForwardTangent(factor, needed[0], h), x, tangents.get(1), node.input(1), node.input(2),
                x == null ? null : bias, node.input(4), tangents.get(4), node.input(5), tangents.get(5), node.output(1));
            y = moved.output(0);
            hTangent = moved.output(1);
        }
        if (needed[0] && (weight != null || x == null && bias != null)) {
            y = Tangents.sum(y, Linear.moved(node.input(0), node.input(2), null, weight, x == null ? bias : null));
        }
        return Arrays.asList(y, hTangent);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value base = Linear.plain(inputs.get(0), inputs.get(2), inputs.get(3));
        Value h = Matmul.nt(inputs.get(1), inputs.get(4));
        return List.of(add(base, scale(Matmul.nt(h, inputs.get(5)), factor)), h);
    }

    /**
     * With dh = s dy B: dx = dy W (+ dh A when u is x), du = dh A, dA = dh^T u, dB = s dy^T h. Outputs dh, dx, du, dA, dB.
     *
     * @param same whether u is x, so that dx is the whole gradient of both
     */
    public record Backward(double factor, boolean same, boolean dx, boolean du, boolean dA, boolean dB) implements Op {

        @Override
        public String name() {
            return "lora_linear_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape u = inputs.get(1).shape();
            return Arrays.asList(inputs.get(5).shape(), dx ? u : null, du ? u : null, dA ? inputs.get(3).shape() : null,
                dB ? inputs.get(4).shape() : null);
        }

        @Override
        public List<Operand> operands(Node node) {
            return List.of(Operand.of(node.input(0)), Operand.of(node.input(1)), Operand.weight(node.input(2), Packing.BACKWARD),
                Operand.of(node.input(3)), Operand.of(node.input(4)), Operand.of(node.input(5)), Operand.of(node.output(0)),
                Operand.of(node.output(1)), Operand.of(node.output(2)), Operand.of(node.output(3)), Operand.of(node.output(4)));
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {same ? 1 : 0};
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {factor};
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value dyTangent = tangents.get(0), uTangent = tangents.get(1), weightTangent = tangents.get(2);
            boolean dhMoves = dyTangent != null || tangents.get(4) != null, branch = dhMoves || tangents.get(3) != null;
            boolean[] moves = {dhMoves, needed[1] && (dyTangent != null || same && branch), needed[2] && branch,
                needed[3] && (dhMoves || uTangent != null), needed[4] && (dyTangent != null || tangents.get(5) != null)};
            Node moved = node.graph().add(new BackwardTangent(factor, same, moves[0], moves[1], moves[2], moves[3], moves[4]), node.input(0),
                node.input(1), node.input(2), node.input(3), node.input(4), node.input(5), node.output(0), dyTangent, uTangent, tangents.get(3),
                tangents.get(4), tangents.get(5));
            Value ofWeight = needed[1] ? Tangents.of(weightTangent, t -> Linear.BackwardInput.of(node.input(0), t)) : null;
            return Arrays.asList(moved.output(0), Tangents.sum(moved.output(1), ofWeight), moved.output(2), moved.output(3), moved.output(4));
        }
    }

    /**
     * The tangents of y, but for those of a moving W, and of h; formulas in {@code lora_linear_tangent.cpp}. Inputs x_t, u_t, u, W, b_t, A, A_t, B,
     * B_t, h, where any tangent may be null, b_t together with x_t.
     */
    public record ForwardTangent(double factor, boolean y, boolean h) implements Op {

        @Override
        public String name() {
            return "lora_linear_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape u = inputs.get(2).shape(), weight = inputs.get(3).shape(), kept = inputs.get(9).shape();
            return Arrays.asList(y ? u.withCols(weight.rows()) : null, h ? kept : null);
        }

        @Override
        public List<Operand> operands(Node node) {
            List<Operand> operands = new ArrayList<>(Op.super.operands(node));
            operands.set(3, Operand.weight(node.input(3), Packing.FORWARD));
            return operands;
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {factor};
        }
    }

    /**
     * The tangents of dh, dx, but for those of a moving W, du, dA, dB. Inputs dy, u, W, A, B, h, dh, dy_t, u_t, A_t, B_t, h_t, where any tangent may
     * be null.
     */
    public record BackwardTangent(double factor, boolean same, boolean dh, boolean dx, boolean du, boolean dA, boolean dB) implements Op {

        @Override
        public String name() {
            return "lora_linear_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape u = inputs.get(1).shape();
            return Arrays.asList(dh ? inputs.get(5).shape() : null, dx ? u : null, du ? u : null, dA ? inputs.get(3).shape() : null,
                dB ? inputs.get(4).shape() : null);
        }

        @Override
        public List<Operand> operands(Node node) {
            List<Operand> operands = new ArrayList<>(Op.super.operands(node));
            operands.set(2, Operand.weight(node.input(2), Packing.BACKWARD));
            return operands;
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {same ? 1 : 0};
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {factor};
        }
    }
}
