package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.mul;

import java.util.Arrays;
import java.util.List;
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
    }
}
