package org.primer4j.priming.meta;

import org.primer4j.engine.Memory;
import org.primer4j.engine.Storage;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;

/**
 * Where the programs of meta-learning find their leaves. What all lanes share they read from theta itself, so that an outer update
 * needs no copy.
 *
 * @param phi what the inner loop moves, a lane a task
 * @param theta what the outer loop moves, one lane
 * @param rates of the inner loop, one lane
 */
record MetaStorage(Weights weights, Parameters phi, Parameters theta, Parameters rates) implements Storage {

    private static final String THETA = "theta ";
    private static final String RATES = "rates ";

    /** One of theta's flat vectors in a graph of any number of lanes. */
    static Value theta(Graph graph, String vector, int size) {
        return shared(graph, THETA + vector, size);
    }

    /** A vector of a number for each of phi's tensors, in a graph of any number of lanes. */
    static Value rates(Graph graph, String vector, int tensors) {
        return shared(graph, RATES + vector, tensors);
    }

    private static Value shared(Graph graph, String name, int size) {
        return graph.leaf(new Leaf(Leaf.Kind.STATE, name, Shape.shared(1, size), DType.F32, null));
    }

    @Override
    public Memory memory(Leaf leaf, Packing packing, WeightType type) {
        return switch (leaf.kind()) {
            case WEIGHT -> weights.memory(leaf.leafName(), leaf.shape().rows(), leaf.shape().cols(), packing, type);
            case PARAMETER -> phi.vector(Parameters.VALUES);
            case SHARED -> theta.vector(Parameters.VALUES);
            case DIRECTION -> phi.vector(MetaModel.DIRECTION);
            case STATE -> vector(leaf.leafName());
            case INPUT -> throw new IllegalArgumentException("input " + leaf.leafName() + " lies in the arena");
        };
    }

    private Memory vector(String name) {
        if (name.startsWith(THETA)) {
            return theta.vector(name.substring(THETA.length()));
        }
        return name.startsWith(RATES) ? rates.vector(name.substring(RATES.length())) : phi.vector(name);
    }

    @Override
    public long offset(Leaf leaf) {
        return switch (leaf.kind()) {
            case PARAMETER, DIRECTION -> (long) phi.layout().entry(leaf.leafName()).offset() * Float.BYTES;
            case SHARED -> (long) theta.layout().entry(leaf.leafName()).offset() * Float.BYTES;
            default -> 0;
        };
    }

    @Override
    public long laneStride(Leaf leaf) {
        return leaf.shape().laned() ? (long) phi.layout().size() * Float.BYTES : 0;
    }
}
