package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.scale;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.Op;
import org.primer4j.graph.Operand;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A linear layer with a low-rank update (Hu et al. 2021, eq. 3): {@code y = x W^T + b + s (u A^T) B^T}.
 * Inputs {@code x [T, in]}, {@code u [T, in]} (x itself, or x after dropout), {@code W [out, in]} frozen, {@code b [1, out]} or none,
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
        if (needed[2]) {
            throw new NoGradientException("lora_linear keeps its base weight frozen; train the weight with linear, or LoRA's factors, not both");
        }
        boolean same = node.input(0) == node.input(1);
        Value dy = upstream.get(0);
        Node back = dy.graph().add(new Backward(factor, same, needed[0], needed[1] && !same, needed[4], needed[5]), dy, node.input(1),
            node.input(2), node.input(4), node.input(5), node.output(1));
        Value dBias = needed[3] ? Broadcast.likeWeight(Broadcast.of(Broadcast.Kind.SUM_ROWS, dy, null, 0), node.input(3)) : null;
        return Arrays.asList(back.output(1), back.output(2), null, dBias, back.output(3), back.output(4));
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
    }
}
