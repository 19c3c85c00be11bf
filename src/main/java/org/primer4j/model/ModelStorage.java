package org.primer4j.model;

import org.primer4j.engine.Memory;
import org.primer4j.engine.Storage;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;

/**
 * Where the programs of one model find its frozen weights and its trained parameters.
 *
 * @param weights the frozen weights
 * @param parameters the trained parameters, or null when there are none
 */
public record ModelStorage(Weights weights, Parameters parameters) implements Storage {

    @Override
    public Memory memory(Leaf leaf, Packing packing, WeightType type) {
        return switch (leaf.kind()) {
            case WEIGHT -> weights.memory(leaf.leafName(), leaf.shape().rows(), leaf.shape().cols(), packing, type);
            case PARAMETER -> parameters.vector(Parameters.VALUES);
            case SHARED, DIRECTION -> throw new IllegalArgumentException(leaf.leafName() + " is " + leaf.kind() + ", which only priming keeps");
            case STATE -> parameters.vector(leaf.leafName());
            case INPUT -> throw new IllegalArgumentException("input " + leaf.leafName() + " lies in the arena");
        };
    }

    @Override
    public long offset(Leaf leaf) {
        return leaf.kind() == Leaf.Kind.PARAMETER ? (long) parameters.layout().entry(leaf.leafName()).offset() * Float.BYTES : 0;
    }

    @Override
    public long laneStride(Leaf leaf) {
        return leaf.kind() == Leaf.Kind.WEIGHT ? 0 : (long) parameters.layout().size() * Float.BYTES;
    }
}
