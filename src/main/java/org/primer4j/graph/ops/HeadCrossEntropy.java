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
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
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
    public double[] reals(Node node) {
        return new double[] {smoothing};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        if (!training || needed[4]) {
            throw new NoGradientException("head_cross_entropy " + (training ? "has no gradient for the weights of its rows"
                : "was built for evaluation: build it with training to differentiate") + "; asked at " + node);
        }
        Value dLoss = upstream.get(0), h = node.input(0), weight = node.input(1), bias = node.input(2);
        Value dh = needed[0] ? dLoss.graph().add(new BackwardInput(), dLoss, node.output(2)).output(0) : null;
        if (!needed[1] && !needed[2]) {
            return Arrays.asList(dh, null, null, null, null);
        }
        Node back = dLoss.graph().add(new BackwardWeight(smoothing, needed[1], needed[2]), dLoss, h, weight, bias, node.input(3),
            node.input(4), node.output(1));
        return Arrays.asList(dh, needed[1] ? Broadcast.likeWeight(back.output(0), weight) : null,
            needed[2] ? Broadcast.likeWeight(back.output(1), bias) : null, null, null);
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
    }

    /** Outputs dW, db, one copy a lane, each only when needed; formulas in {@code head_cross_entropy_backward.cpp}. */
    public record BackwardWeight(double smoothing, boolean dWeight, boolean dBias) implements Op {

        @Override
        public String name() {
            return "head_cross_entropy_backward_weight";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape weight = inputs.get(2).shape();
            return Arrays.asList(dWeight ? Shape.laned(weight.rows(), weight.cols()) : null, dBias ? Shape.laned(1, weight.rows()) : null);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {smoothing};
        }
    }
}
