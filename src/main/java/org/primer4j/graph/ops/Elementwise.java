package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.exp;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.reciprocal;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Elementwise primitives; kernels in {@code elementwise.cpp}. */
public final class Elementwise {

    private Elementwise() {}

    /** Functions of one value; {@code c} is the constant of scale and add_scalar. */
    public record Unary(Kind kind, double c) implements Op {

        /** The function. */
        public enum Kind {
            EXP, LOG, ERF, TANH, RECIPROCAL, RSQRT, SCALE, ADD_SCALAR,
            /** 1 where x > 0, else 0; its derivative is 0 everywhere, also at 0. */
            STEP
        }

        @Override
        public String name() {
            return kind.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(0).shape());
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {c};
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Collections.singletonList(derivative(node.input(0), node.output(0), upstream.get(0)));
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Collections.singletonList(derivative(node.input(0), node.output(0), tangents.get(0)));
        }

        // The derivative times dy: a number's gradient and its tangent are the same function.
        private Value derivative(Value x, Value y, Value dy) {
            return switch (kind) {
                case EXP -> mul(dy, y);
                case LOG -> mul(dy, reciprocal(x));
                case ERF -> mul(dy, scale(exp(scale(mul(x, x), -1)), 2 / Math.sqrt(Math.PI)));
                case TANH -> mul(dy, addScalar(scale(mul(y, y), -1), 1));
                case RECIPROCAL -> scale(mul(dy, mul(y, y)), -1);
                case RSQRT -> scale(mul(dy, mul(y, mul(y, y))), -0.5);
                case SCALE -> scale(dy, c);
                case ADD_SCALAR -> dy;
                case STEP -> null;
            };
        }
    }

    /** 1 where x > 0, else 0. */
    static Value step(Value x) {
        return x.graph().add(new Unary(Unary.Kind.STEP, 0), x).output(0);
    }

    /** Functions of two values of the same shape. */
    public record Binary(Kind kind) implements Op {

        /** The function. */
        public enum Kind {
            ADD, SUB, MUL
        }

        @Override
        public String name() {
            return kind.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            Shape a = inputs.get(0).shape(), b = inputs.get(1).shape();
            if (!a.equals(b)) {
                throw new ShapeException(name() + " needs two values of one shape, not " + a + " and " + b);
            }
            return List.of(a);
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            Value a = node.input(0), b = node.input(1), dy = upstream.get(0);
            return switch (kind) {
                case ADD -> List.of(dy, dy);
                case SUB -> Arrays.asList(dy, needed[1] ? scale(dy, -1) : null);
                case MUL -> Arrays.asList(needed[0] ? mul(dy, b) : null, needed[1] ? mul(dy, a) : null);
            };
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            Value a = tangents.get(0), b = tangents.get(1);
            return switch (kind) {
                case ADD -> List.of(Tangents.sum(a, b));
                case SUB -> List.of(b == null ? a : a == null ? scale(b, -1) : sub(a, b));
                case MUL -> Tangents.bilinear(node, tangents);
            };
        }
    }

    /** A constant of the given shape. */
    public record Fill(double c, Shape shape) implements Op {

        @Override
        public String name() {
            return "fill";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(shape);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {c};
        }
    }
}
