package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.broadcastRows;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.sumRows;

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
 * {@code act(x W^T + b)}: {@code x [T, in], W [out, in], b [1, out] or none -> a [T, out], z [T, out]}, the
 * pre-activation z only with an activation. W is frozen and shared by all lanes, or trained: shared, or one copy a lane.
 */
public record Linear(Activation activation) implements Op.Fused {

    @Override
    public String name() {
        return "linear";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape out = checked("linear", inputs.get(0), inputs.get(1), inputs.get(2));
        return Arrays.asList(out, activation == Activation.NONE ? null : out);
    }

    /** The shape of x W^T + b. */
    static Shape checked(String name, Value x, Value weight, Value bias) {
        Shape xs = x.shape(), w = weight.shape();
        if (xs.axis() == null || w.axis() != null || xs.cols() != w.cols()) {
            throw new ShapeException(name + " cannot apply the weight " + w + " to rows of shape " + xs);
        }
        if (bias != null && (bias.shape().axis() != null || bias.shape().rows() != 1 || bias.cols() != w.rows())) {
            throw new ShapeException(name + " with the weight " + w + " does not take the bias " + bias.shape());
        }
        return xs.withCols(w.rows());
    }

    @Override
    public List<Operand> operands(Node node) {
        return List.of(Operand.of(node.input(0)), Operand.weight(node.input(1), Packing.FORWARD), Operand.of(node.input(2)),
            Operand.of(node.output(0)), Operand.of(node.output(1)));
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {activation.ordinal()};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value x = node.input(0), weight = node.input(1), bias = node.input(2);
        Value dz = Activate.backward(activation, upstream.get(0), node.output(1));
        return Arrays.asList(
            needed[0] ? BackwardInput.of(dz, weight) : null,
            needed[1] ? BackwardWeight.of(dz, x, weight) : null,
            needed[2] ? Broadcast.likeWeight(sumRows(dz), bias) : null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        Value x = node.input(0), zTangent = moved(x, node.input(1), tangents.get(0), tangents.get(1), tangents.get(2));
        Value aTangent = needed[0] ? Activate.backward(activation, zTangent, node.output(1)) : null;
        return Arrays.asList(aTangent, activation == Activation.NONE ? null : zTangent);
    }

    /** The tangent of x W^T + b. */
    static Value moved(Value x, Value weight, Value xTangent, Value weightTangent, Value biasTangent) {
        if (xTangent == null && weightTangent == null) {
            return broadcastRows(biasTangent, x.shape().axis());
        }
        Value first = Tangents.of(xTangent, t -> linear(t, weight, biasTangent));
        Value second = Tangents.of(weightTangent, t -> linear(x, t, xTangent == null ? biasTangent : null));
        return Tangents.sum(first, second);
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value z = plain(inputs.get(0), inputs.get(1), inputs.get(2));
        return Arrays.asList(activation.primitive(z), activation == Activation.NONE ? null : z);
    }

    /** x W^T + b in primitives. */
    static Value plain(Value x, Value weight, Value bias) {
        Value product = Matmul.nt(x, weight);
        return bias == null ? product : add(product, broadcastRows(bias, product.shape().axis()));
    }

    /** {@code dx = dz W}. */
    public record BackwardInput() implements Op {

        @Override
        public String name() {
            return "linear_backward_input";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(0).shape().withCols(inputs.get(1).cols()));
        }

        @Override
        public List<Operand> operands(Node node) {
            return List.of(Operand.of(node.input(0)), Operand.weight(node.input(1), Packing.BACKWARD), Operand.of(node.output(0)));
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.bilinear(node, tangents);
        }

        /** Applies it. */
        static Value of(Value dz, Value weight) {
            return dz.graph().add(new BackwardInput(), dz, weight).output(0);
        }
    }

    /** {@code dW = dz^T x}, one copy a lane, or one of the rows of all lanes. */
    public record BackwardWeight(boolean shared) implements Op {

        @Override
        public String name() {
            return "linear_backward_weight";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(shape(shared, inputs));
        }

        private static Shape shape(boolean shared, List<Value> inputs) {
            Shape dz = inputs.get(0).shape(), x = inputs.get(1).shape();
            if (dz.axis() == null || !dz.axis().equals(x.axis())) {
                throw new ShapeException("linear_backward_weight does not take the rows of " + dz + " and " + x);
            }
            return shared ? Shape.shared(dz.cols(), x.cols()) : Shape.laned(dz.cols(), x.cols());
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value dzTangent = tangents.get(0), xTangent = tangents.get(1);
            if (dzTangent == null || xTangent == null) {
                return Tangents.bilinear(node, tangents);
            }
            return node.graph().add(new BackwardWeightTangent(shared), node.input(0), node.input(1), dzTangent, xTangent).outputs();
        }

        /** Gradient of {@code weight}. */
        static Value of(Value dz, Value x, Value weight) {
            return x.graph().add(new BackwardWeight(!weight.shape().laned()), dz, x).output(0);
        }
    }

    /** {@code dW_t = dz_t^T x + dz^T x_t}; inputs dz, x and their tangents. */
    public record BackwardWeightTangent(boolean shared) implements Op {

        @Override
        public String name() {
            return "linear_backward_weight_tangent";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(BackwardWeight.shape(shared, inputs));
        }
    }
}
