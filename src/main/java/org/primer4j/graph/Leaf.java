package org.primer4j.graph;

import java.util.List;

/**
 * A value that comes from outside: it has no kernel.
 *
 * @param kind what it is
 * @param leafName its name, unique among leaves of its kind
 * @param shape its shape
 * @param leafType its type
 * @param limits what its whole numbers must fulfil, for batch inputs of type I32; else null
 */
public record Leaf(Kind kind, String leafName, Shape shape, DType leafType, IndexLimits limits) implements Op {

    /** Where a leaf's numbers come from. */
    public enum Kind {
        /** Written by the caller before each run. */
        INPUT,
        /** A frozen weight, shared by all lanes. */
        WEIGHT,
        /** A trainable parameter: one copy a lane in the flat parameter vector. */
        PARAMETER,
        /** A parameter that is trained as well, but of which all lanes have one copy. */
        SHARED,
        /** Along which the parameter of the same name moves, in a flat vector beside the parameters. */
        DIRECTION,
        /** What outlives a run: a flat vector beside the parameters (gradients, moments), or a matrix along an axis (a cache). */
        STATE
    }

    @Override
    public String name() {
        return leafName;
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        return List.of(shape);
    }

    @Override
    public DType dtype(DType graphType) {
        return leafType;
    }
}
