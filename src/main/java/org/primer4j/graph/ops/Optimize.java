package org.primer4j.graph.ops;

import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Flat updates of all parameters of each lane, in place; kernels and formulas in {@code optimizer.cpp}. */
public final class Optimize {

    private static final int BLOCK = 16384;

    private Optimize() {}

    // The first so many operands are vectors of one length, what follows is one number a lane; nothing is returned.
    private static List<Shape> none(Op op, List<Value> inputs, int vectors) {
        for (int i = 0; i < inputs.size(); i++) {
            Shape expected = i < vectors ? Shape.laned(1, inputs.get(0).cols()) : Shape.laned(1, 1);
            if (inputs.get(i) != null && !inputs.get(i).shape().equals(expected)) {
                throw new ShapeException(op.name() + " of " + inputs.get(0).shape() + " does not take " + inputs.get(i).shape() + " as operand " + i
                    + ", but " + expected);
            }
        }
        return List.of();
    }

    /**
     * Global-norm clipping (Pascanu et al. 2013). Input g {@code [1, P]} a lane; outputs: partial sums, norm, and the factor
     * {@code min(1, limit / (norm + 1e-6))}, all a lane. A limit of 0 switches clipping off; a norm that is not finite gives
     * a factor that is not, with which adamw and sgd change nothing.
     */
    public record ClipGradNorm(double limit) implements Op {

        @Override
        public String name() {
            return "clip_grad_norm";
        }

        // The partial sums are float64: twice as many float32 columns.
        @Override
        public List<Shape> shapes(List<Value> inputs) {
            int blocks = (inputs.get(0).cols() + BLOCK - 1) / BLOCK;
            return List.of(Shape.laned(1, 2 * blocks), Shape.laned(1, 1), Shape.laned(1, 1));
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {limit};
        }
    }

    /**
     * AdamW (Loshchilov and Hutter 2019, alg. 2). Inputs p, g, m, v {@code [1, P]}, factor, rate {@code [1, 1]}, count (updates done, this
     * one included), all a lane.
     *
     * @param decayed how many parameters, at the front, decay
     */
    public record AdamW(double beta1, double beta2, double eps, double decay, long decayed) implements Op {

        private static final int VECTORS = 4;

        @Override
        public String name() {
            return "adamw";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return none(this, inputs, VECTORS);
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {decayed};
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {beta1, beta2, eps, decay};
        }

        @Override
        public boolean effect() {
            return true;
        }
    }

    /** Stochastic gradient descent; inputs p, g, m (or none without momentum), factor, rate. */
    public record Sgd(double momentum) implements Op {

        private static final int VECTORS = 3;

        @Override
        public String name() {
            return "sgd";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return none(this, inputs, VECTORS);
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {momentum};
        }

        @Override
        public boolean effect() {
            return true;
        }
    }

    /** {@code sum = g} where first is not 0, else {@code sum += g}; inputs sum, g {@code [1, P]}, first {@code [1, 1]}, all a lane. */
    public record Accumulate() implements Op {

        private static final int VECTORS = 2;

        @Override
        public String name() {
            return "accumulate";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            List<Shape> shapes = none(this, inputs, VECTORS);
            if (inputs.size() != VECTORS + 1) {
                throw new ShapeException(name() + " takes sum, g and first, not " + inputs.size() + " operands");
            }
            return shapes;
        }

        @Override
        public boolean effect() {
            return true;
        }
    }
}
