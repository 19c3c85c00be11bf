package org.primer4j.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * What a node computes: an immutable record with a shape rule, a gradient and, when it is fused, a decomposition into
 * primitives. The name is the stem of its kernel, test and benchmark.
 */
public interface Op {

    /** The kernel's name. */
    String name();

    /** Shapes of the outputs; null for an output left out. Throws {@link ShapeException} when inputs do not fit. */
    List<Shape> shapes(List<Value> inputs);

    /** Type of the outputs in a graph of the given float type. */
    default DType dtype(DType graphType) {
        return graphType;
    }

    /** Type of one output; all have the same unless an op says otherwise. */
    default DType dtype(int output, DType graphType) {
        return dtype(graphType);
    }

    /**
     * Appends the nodes that compute the gradients of the inputs.
     *
     * @param node the use to differentiate
     * @param upstream gradients of the outputs, null where none arrives
     * @param needed which inputs need a gradient
     * @return a value for each input, null where not needed
     */
    default List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        throw new NoGradientException(name() + " has no gradient"
            + (this instanceof Fused ? "" : ": differentiate the decomposed graph (Decomposition.of) instead of a fused backward op")
            + "; asked at " + node);
    }

    /**
     * Appends the nodes that compute the tangents of the outputs: how they change when the inputs do.
     *
     * @param node the use to differentiate
     * @param tangents of the inputs, null where one does not move; one at least does
     * @param needed which outputs need a tangent
     * @return a value for each output, null where not needed or where the output does not move
     */
    default List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        throw new NoTangentException(name() + " has no tangent: decompose it (Decomposition.forTangents) before differentiating; asked at " + node);
    }

    /** Whole numbers the kernel takes. */
    default long[] integers(Node node) {
        return new long[0];
    }

    /** Real numbers the kernel takes. */
    default double[] reals(Node node) {
        return new double[0];
    }

    /** What the kernel is given: by default all inputs, then all outputs. */
    default List<Operand> operands(Node node) {
        List<Operand> operands = new ArrayList<>();
        node.inputs().forEach(v -> operands.add(Operand.of(v)));
        node.outputs().forEach(v -> operands.add(Operand.of(v)));
        return operands;
    }

    /** Whether the node does something beside its outputs, and so is kept though nothing reads them. */
    default boolean effect() {
        return false;
    }

    /** An op that has a slow twin made of primitives. */
    interface Fused extends Op {

        /** Builds the same outputs from primitives; null for outputs that only the fused gradient reads. */
        List<Value> decompose(List<Value> inputs);

        /** What takes its place where tangents are asked for and it has none: primitives, or fused ops that have tangents. */
        default List<Value> decomposeForTangents(List<Value> inputs) {
            return decompose(inputs);
        }

        /** Whether this op and the ops of its gradient have tangents; else it is decomposed before these are taken. */
        default boolean hasTangents() {
            return false;
        }
    }
}
