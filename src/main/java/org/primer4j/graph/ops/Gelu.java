package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.erf;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.scale;

import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** GELU in its erf form, {@code x Phi(x)} (Hendrycks and Gimpel 2016). */
public record Gelu() implements Op.Fused {

    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        if (x.axis() == null) {
            throw new ShapeException("gelu needs rows along an axis, not the shape " + x);
        }
        return List.of(x);
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return List.of(backward(upstream.get(0), node.input(0)));
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        return List.of(primitive(inputs.get(0)));
    }

    static Value primitive(Value x) {
        return scale(mul(x, addScalar(erf(scale(x, Math.sqrt(0.5))), 1)), 0.5);
    }

    static Value backward(Value dy, Value x) {
        return x.graph().add(new Backward(), dy, x).output(0);
    }

    /** {@code dx = dy (Phi(x) + x phi(x))}. */
    public record Backward() implements Op {

        @Override
        public String name() {
            return "gelu_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }
    }
}
