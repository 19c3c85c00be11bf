package org.primer4j.graph.ops;

import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** An activation function of each number, {@code [T, d] -> [T, d]}; kernels in {@code activate.cpp}. */
public record Activate(Activation activation) implements Op.Fused {

    /** @throws IllegalArgumentException when the activation is NONE */
    public Activate {
        if (activation == Activation.NONE) {
            throw new IllegalArgumentException("activate needs an activation, not NONE");
        }
    }

    /** Named as its function, which is not NONE. */
    @Override
    public String name() {
        return activation.kernel();
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        if (x.axis() == null) {
            throw new ShapeException(name() + " needs rows along an axis, not the shape " + x);
        }
        return List.of(x);
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return List.of(backward(activation, upstream.get(0), node.input(0)));
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return List.of(backward(activation, tangents.get(0), node.input(0)));
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        return List.of(activation.primitive(inputs.get(0)));
    }

    /** {@code dy f'(x)}. */
    static Value backward(Activation activation, Value dy, Value x) {
        return activation == Activation.NONE ? dy : x.graph().add(new Backward(activation), dy, x).output(0);
    }

    /** {@code dx = dy f'(x)}. */
    public record Backward(Activation activation) implements Op {

        @Override
        public String name() {
            return activation.kernel() + "_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value dy = node.input(0), x = node.input(1), dyTangent = tangents.get(0), xTangent = tangents.get(1);
            if (xTangent == null) {
                return List.of(backward(activation, dyTangent, x));
            }
            return node.graph().add(new BackwardTangent(activation), dy, x, dyTangent, xTangent).outputs();
        }
    }

    /** {@code dx_t = dy_t f'(x) + dy f''(x) x_t}; inputs dy, x and their tangents, the first of which may be null. */
    public record BackwardTangent(Activation activation) implements Op {

        @Override
        public String name() {
            return activation.kernel() + "_backward_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }
    }
}
