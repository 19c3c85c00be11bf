package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.log;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.sub;
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
 * Softmax cross-entropy over each example's own candidates:
 * {@code loss = sum_e weight_e (-log softmax(s of e)[label_e])} for each lane. Inputs {@code s [P, 1]}, offsets of the examples, label
 * {@code [E]} (a place within the example's segment), {@code weight [E, 1]}; outputs loss {@code [lanes][1, 1]} and the probabilities {@code p [P, 1]}.
 */
public record SegmentCrossEntropy() implements Op.Fused {

    @Override
    public String name() {
        return "segment_cross_entropy";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape s = inputs.get(0).shape();
        if (s.cols() != 1 || !Segments.offsetsOf(inputs.get(1)).target().equals(s.axis())) {
            throw new ShapeException("segment_cross_entropy of " + s + " is given offsets of another axis");
        }
        if (!inputs.get(3).shape().equals(inputs.get(1).shape())) {
            throw new ShapeException("segment_cross_entropy of examples of shape " + inputs.get(1).shape() + " does not take weights of shape "
                + inputs.get(3).shape());
        }
        Indices.checkPlaces(name(), inputs.get(2), inputs.get(1));
        return List.of(Shape.laned(1, 1), s);
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dLoss = upstream.get(0);
        Node back = dLoss.graph().add(new Backward(), dLoss, node.output(1), node.input(1), node.input(2), node.input(3));
        return Arrays.asList(back.output(0), null, null, null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        refuseMovingWeights(node, tangents.get(3));
        Value sTangent = tangents.get(0), offsets = node.input(1), p = node.output(1);
        Value mean = Segments.of(Segments.Kind.SEGMENT_SUM, mul(p, sTangent), offsets);
        Value loss = sumRows(mul(node.input(3), sub(mean, PickInSegment.of(sTangent, offsets, node.input(2)))));
        return List.of(loss, mul(p, sub(sTangent, Segments.of(Segments.Kind.SEGMENT_BROADCAST, mean, offsets))));
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    private static void refuseMovingWeights(Node node, Value tangent) {
        if (tangent != null) {
            throw new NoTangentException("segment_cross_entropy has no tangent for the weights of its examples; asked at " + node);
        }
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value s = inputs.get(0), offsets = inputs.get(1), weight = inputs.get(3);
        Value top = Segments.of(Segments.Kind.SEGMENT_MAX, s, offsets);
        Value shifted = sub(s, Segments.of(Segments.Kind.SEGMENT_BROADCAST, top, offsets));
        Value exps = exp(shifted);
        Value sums = Segments.of(Segments.Kind.SEGMENT_SUM, exps, offsets);
        Value p = mul(exps, Segments.of(Segments.Kind.SEGMENT_BROADCAST, reciprocal(sums), offsets));
        Value gold = PickInSegment.of(shifted, offsets, inputs.get(2));
        return List.of(sumRows(mul(weight, sub(log(sums), gold))), p);
    }

    /** {@code ds_j = dloss weight_e (p_j - [j is the label])}. */
    public record Backward() implements Op {

        @Override
        public String name() {
            return "segment_cross_entropy_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        // inputs dloss, p, offsets, label, weight
        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            refuseMovingWeights(node, tangents.get(4));
            Value offsets = node.input(2), weight = node.input(4);
            Value first = Tangents.of(tangents.get(0),
                t -> node.graph().add(this, t, node.input(1), offsets, node.input(3), weight).output(0));
            Value second = Tangents.of(tangents.get(1), t -> {
                Value factor = mul(broadcastRows(node.input(0), weight.shape().axis()), weight);
                return mul(t, Segments.of(Segments.Kind.SEGMENT_BROADCAST, factor, offsets));
            });
            return List.of(Tangents.sum(first, second));
        }
    }
}
