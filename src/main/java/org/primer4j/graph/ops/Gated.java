package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.mul;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * A gated unit (Shazeer 2020, eq. 6): {@code y = act(g) x}, all {@code [T, d]}. T5 v1.1 takes the tanh form of GELU.
 *
 * @param activation the gate's, not NONE
 */
public record Gated(Activation activation) implements Op.Fused {

    /** @throws IllegalArgumentException when the activation is NONE */
    public Gated {
        if (activation == Activation.NONE) {
            throw new IllegalArgumentException("a gate needs an activation, not NONE");
        }
    }

    @Override
    public String name() {
        return "gated";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape gate = inputs.get(0).shape(), x = inputs.get(1).shape();
        if (gate.axis() == null || !gate.equals(x)) {
            throw new ShapeException("gated cannot apply a gate of shape " + gate + " to rows of shape " + x);
        }
        return List.of(x);
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {activation.ordinal()};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0);
        return dy.graph().add(new Backward(activation, needed[0], needed[1]), dy, node.input(0), node.input(1)).outputs();
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return node.graph().add(new ForwardTangent(activation), node.input(0), node.input(1), tangents.get(0), tangents.get(1)).outputs();
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        return List.of(mul(activation.primitive(inputs.get(0)), inputs.get(1)));
    }

    /** {@code dg = dy x act'(g), dx = dy act(g)}, each only when needed. */
    public record Backward(Activation activation, boolean dGate, boolean dx) implements Op {

        @Override
        public String name() {
            return "gated_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape x = inputs.get(2).shape();
            return Arrays.asList(dGate ? x : null, dx ? x : null);
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {activation.ordinal()};
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            boolean moves = tangents.get(0) != null || tangents.get(1) != null;
            BackwardTangent op = new BackwardTangent(activation, needed[0], needed[1] && moves);
            return node.graph().append(op, Stream.concat(node.inputs().stream(), tangents.stream()).toList()).outputs();
        }
    }

    /** {@code y_t = act'(g) g_t x + act(g) x_t}; inputs g, x and their tangents, one of which may be null. */
    public record ForwardTangent(Activation activation) implements Op {

        @Override
        public String name() {
            return "gated_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {activation.ordinal()};
        }
    }

    /** The tangents of dg and dx, each only when needed. Inputs dy, g, x and their tangents, any of which may be null. */
    public record BackwardTangent(Activation activation, boolean dGate, boolean dx) implements Op {

        @Override
        public String name() {
            return "gated_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return new Backward(activation, dGate, dx).shapes(inputs);
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {activation.ordinal()};
        }
    }
}
