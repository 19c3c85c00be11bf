package org.primer4j.generation;

import java.util.HashMap;
import java.util.Map;
import org.primer4j.engine.Memory;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Storage;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.model.ModelStorage;

/** A model's weights and parameters, and the states that its encoder and its decoder share: caches of keys and values. */
public final class GenerationStorage extends NativeResource implements Storage {

    private final ModelStorage model;
    private final Map<String, Memory> states = new HashMap<>();

    /** @param model the weights and parameters */
    public GenerationStorage(ModelStorage model) {
        super("caches of keys and values");
        this.model = model;
    }

    @Override
    public Memory memory(Leaf leaf, Packing packing, WeightType type) {
        return leaf.kind() == Leaf.Kind.STATE ? states.computeIfAbsent(leaf.leafName(), name -> allocate(leaf)) : model.memory(leaf, packing, type);
    }

    private Memory allocate(Leaf leaf) {
        return new Memory(model.weights().device(), leaf.shape().elements(1) * leaf.leafType().bytes(), leaf.leafName());
    }

    @Override
    public long offset(Leaf leaf) {
        return leaf.kind() == Leaf.Kind.STATE ? 0 : model.offset(leaf);
    }

    @Override
    public long laneStride(Leaf leaf) {
        return leaf.kind() == Leaf.Kind.STATE ? 0 : model.laneStride(leaf);
    }

    /** Bytes of the caches. */
    long bytes() {
        return states.values().stream().mapToLong(Memory::bytes).sum();
    }

    @Override
    protected void release() {
        states.values().forEach(Memory::close);
    }
}
