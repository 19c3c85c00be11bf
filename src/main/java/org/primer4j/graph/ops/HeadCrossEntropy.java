package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.log;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;
import static org.primer4j.graph.Ops.sumCols;
import static org.primer4j.graph.Ops.sumRows;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.NoTangentException;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Operand;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A language-model head fused with cross-entropy and label smoothing (Szegedy et al. 2016, sec. 7). With {@code p_t = softmax(h_t W^T + b)}
 * and smoothing e, for each lane {@code loss = sum_t weight_t ((1 - e) (-log p_t[label_t]) + e mean_v (-log p_t[v]))}.
 * Inputs {@code h [T, d], W [V, d], b [1, V]} or null, label {@code [T]}, weight {@code [T, 1]}, where rows of weight 0 cost nothing and
 * give no gradient, whatever their label is; outputs {@code loss [lanes][1, 1]}, and for the backward pass {@code lse [T, 1]} and, for
 * training only, {@code slope [T, d]}, the loss's derivative by h. Never more than some rows of W's width are in memory: no {@code [T, V]}.
 *
 * @param smoothing e, in [0, 1)
 * @param training whether a gradient will be asked for
 */
public record HeadCrossEntropy(double smoothing, boolean training) implements Op.Fused {

    /** @throws IllegalArgumentException when the smoothing is not in [0, 1) */
    public HeadCrossEntropy {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("label smoothing lies in [0, 1), not at " + smoothing);
        }
    }

    @Override
    public String name() {
        return "head_cross_entropy";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape h = inputs.get(0).shape(), logits = Linear.checked(name(), inputs.get(0), inputs.get(1), inputs.get(2));
        if (!inputs.get(4).shape().equals(h.withCols(1))) {
            throw new ShapeException("head_cross_entropy of " + h + " does not take weights of shape " + inputs.get(4).shape());
        }
        Indices.checkColumns(name(), inputs.get(3), logits);
        return Arrays.asList(Shape.laned(1, 1), h.withCols(1), training ? h : null);
    }

    @Override
    public List<Operand> operands(Node node) {
        return withWeight(node, Op.Fused.super.operands(node), 1);
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {smoothing};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        if (!training || needed[4]) {
            throw new NoGradientException("head_cross_entropy " + (training ? "has no gradient for the weights of its rows"
                : "was built for evaluation: build it with training to differentiate") + "; asked at " + node);
        }
        Value dLoss = upstream.get(0);
        Value dh = needed[0] ? dLoss.graph().add(new BackwardInput(), dLoss, node.output(2)).output(0) : null;
        if (!needed[1] && !needed[2]) {
            return Arrays.asList(dh, null, null, null, null);
        }
        Node back = dLoss.graph().add(new BackwardWeight(smoothing, needed[1], needed[2]), dLoss, node.input(0), node.input(1), node.input(2),
            node.input(3), node.input(4), node.output(1));
        return Arrays.asList(dh, back.output(0), back.output(1), null, null);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        if (tangents.get(4) != null) {
            throw new NoTangentException("head_cross_entropy has no tangent for the weights of its rows; asked at " + node);
        }
        Value slope = needed[2] ? node.output(2) : null;
        return node.graph().add(new Tangent(smoothing), node.input(0), node.input(1), node.input(2), node.input(3), node.input(4),
            node.output(1), slope, tangents.get(0), tangents.get(1), tangents.get(2)).outputs();
    }

    // Without a shift: float64 holds exp of any logit below 700.
    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value logits = Linear.plain(inputs.get(0), inputs.get(1), inputs.get(2));
        Value lse = log(sumCols(exp(logits)));
        Value target = scale(PickColumn.of(logits, inputs.get(3)), 1 - smoothing);
        Value mean = scale(sumCols(logits), smoothing / logits.cols());
        return Arrays.asList(sumRows(mul(inputs.get(4), sub(lse, add(target, mean)))), lse, null);
    }

    // A frozen weight is read by rows; W's tangent, which moves, is plain.
    private static List<Operand> withWeight(Node node, List<Operand> operands, int weight) {
        operands.set(weight, Operand.weight(node.input(weight), Packing.GPU_ROWS));
        return operands;
    }

    // Tangents lie as what they belong to: kernels take their copies by the same lane.
    private static void checkTangent(String op, Value tangent, Value of) {
        if (tangent != null && !tangent.shape().equals(of.shape())) {
            throw new ShapeException(op + " is given a tangent of shape " + tangent.shape() + " for " + of.shape());
        }
    }

    /**
     * Inputs h, W, b, label, weight, lse, slope or null, and the tangents of h, W and b, each or null; outputs the tangents of loss, lse
     * and, where slope is given, slope; formulas in {@code head_cross_entropy_tangent.cpp}.
     */
    public record Tangent(double smoothing) implements Op {

        @Override
        public String name() {
            return "head_cross_entropy_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            for (int i = 0; i < 3; i++) {
                checkTangent(name(), inputs.get(7 + i), inputs.get(i));
            }
            Shape h = inputs.get(0).shape();
            return Arrays.asList(Shape.laned(1, 1), h.withCols(1), inputs.get(6) == null ? null : h);
        }

        @Override
        public List<Operand> operands(Node node) {
            return withWeight(node, Op.super.operands(node), 1);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {smoothing};
        }
    }

    /** {@code dh_t = dloss slope_t}. */
    public record BackwardInput() implements Op {

        @Override
        public String name() {
            return "head_cross_entropy_backward_input";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.bilinear(node, tangents);
        }
    }

    /** Outputs dW, db, of W's and b's shapes, each only when needed; formulas in {@code head_cross_entropy_backward.cpp}. */
    public record BackwardWeight(double smoothing, boolean dWeight, boolean dBias) implements Op {

        @Override
        public String name() {
            return "head_cross_entropy_backward_weight";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return Arrays.asList(dWeight ? inputs.get(2).shape() : null, dBias ? inputs.get(3).shape() : null);
        }

        @Override
        public List<Operand> operands(Node node) {
            return withWeight(node, Op.super.operands(node), 2);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {smoothing};
        }

        // Linear in dloss; h, W, b and lse move together.
        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            List<Value> in = node.inputs();
            Node ofLogits = tangents.get(6) == null ? null : node.graph().add(new BackwardWeightTangent(smoothing, needed[0], needed[1]), in.get(0),
                in.get(1), in.get(2), in.get(3), in.get(4), in.get(5), in.get(6), tangents.get(1), tangents.get(2), tangents.get(3), tangents.get(6));
            Node ofDLoss = tangents.get(0) == null ? null : node.graph().add(new BackwardWeight(smoothing, needed[0], needed[1]), tangents.get(0),
                in.get(1), in.get(2), in.get(3), in.get(4), in.get(5), in.get(6));
            return Arrays.asList(Tangents.sum(output(ofLogits, 0), output(ofDLoss, 0)), Tangents.sum(output(ofLogits, 1), output(ofDLoss, 1)));
        }

        private static Value output(Node node, int i) {
            return node == null ? null : node.output(i);
        }
    }

    /**
     * Inputs {@link BackwardWeight}'s, the tangents of h, W and b, each or null, and that of lse; outputs the tangents of dW and db, each only
     * when needed; formulas in {@code head_cross_entropy_backward_tangent.cpp}.
     */
    public record BackwardWeightTangent(double smoothing, boolean dWeight, boolean dBias) implements Op {

        @Override
        public String name() {
            return "head_cross_entropy_backward_weight_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            for (int i = 0; i < 3; i++) {
                checkTangent(name(), inputs.get(7 + i), inputs.get(1 + i));
            }
            checkTangent(name(), inputs.get(10), inputs.get(6));
            return Arrays.asList(dWeight ? inputs.get(2).shape() : null, dBias ? inputs.get(3).shape() : null);
        }

        @Override
        public List<Operand> operands(Node node) {
            return withWeight(node, Op.super.operands(node), 2);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {smoothing};
        }
    }
}
