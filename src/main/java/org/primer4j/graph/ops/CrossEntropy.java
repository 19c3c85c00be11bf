package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.broadcastCols;
import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.log;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.sub;
import static org.primer4j.graph.Ops.sumCols;
import static org.primer4j.graph.Ops.sumRows;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.NoTangentException;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Softmax cross-entropy of rows of logits: {@code loss = sum_t weight_t (-log softmax(x_t)[label_t])} for each lane.
 * Inputs {@code x [T, V]}, label {@code [T]} (0 where the weight is 0), {@code weight [T, 1]}; outputs loss {@code [lanes][1, 1]} and
 * {@code lse [T, 1]} for the backward pass.
 */
public record CrossEntropy() implements Op.Fused {

    @Override
    public String name() {
        return "cross_entropy";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        if (x.axis() == null || !inputs.get(2).shape().equals(Shape.along(x.axis(), 1))) {
            throw new ShapeException("cross_entropy of " + x + " does not take weights of shape " + inputs.get(2).shape());
        }
        Indices.checkColumns(name(), inputs.get(1), x);
        return List.of(Shape.laned(1, 1), x.withCols(1));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dLoss = upstream.get(0);
        Node back = dLoss.graph().add(new Backward(), dLoss, node.input(0), node.output(1), node.input(1), node.input(2));
        return Arrays.asList(back.output(0), null, null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        refuseMovingWeights(node, tangents.get(2));
        Value x = node.input(0), xTangent = tangents.get(0), weight = node.input(2);
        Value p = probabilities(x, node.output(1));
        // lse is rounded, so that these p sum to 1 only nearly: as large logits move together, so must lse.
        Value lse = mul(sumCols(mul(p, xTangent)), reciprocal(sumCols(p)));
        return Arrays.asList(sumRows(mul(weight, sub(lse, PickColumn.of(xTangent, node.input(1))))), lse);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    private static Value probabilities(Value x, Value lse) {
        return exp(sub(x, broadcastCols(lse, x.cols())));
    }

    private static void refuseMovingWeights(Node node, Value tangent) {
        if (tangent != null) {
            throw new NoTangentException("cross_entropy has no tangent for the weights of its rows; asked at " + node);
        }
    }

    // Without a shift: float64 holds exp of any logit below 700.
    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value x = inputs.get(0), label = inputs.get(1), weight = inputs.get(2);
        Value lse = log(sumCols(exp(x)));
        Value gold = PickColumn.of(x, label);
        return Arrays.asList(sumRows(mul(weight, sub(lse, gold))), lse);
    }

    /** {@code dx_tj = dloss weight_t (exp(x_tj - lse_t) - [j is the label])}. */
    public record Backward() implements Op {

        @Override
        public String name() {
            return "cross_entropy_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        // dx = dloss weight (p - [label]) with p = exp(x - lse), so that p_t = p (x_t - lse_t).
        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            refuseMovingWeights(node, tangents.get(4));
            Value x = node.input(1), xTangent = tangents.get(1);
            Value first = Tangents.of(tangents.get(0), t -> node.graph().add(this, t, x, node.input(2), node.input(3), node.input(4)).output(0));
            if (xTangent == null) {
                return List.of(first);
            }
            Value factor = mul(broadcastRows(node.input(0), x.shape().axis()), node.input(4));
            Value centred = sub(xTangent, broadcastCols(tangents.get(2), x.cols()));
            return List.of(Tangents.sum(first, mul(broadcastCols(factor, x.cols()), mul(probabilities(x, node.input(2)), centred))));
        }
    }
}
