package org.primer4j.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.engine.Memory;
import org.primer4j.engine.PackedWeights;
import org.primer4j.engine.Storage;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Operand.Packing;

/** A block of memory for each weight, parameter and state, and for each packed form that is asked for. */
public final class TestStorage implements Storage, AutoCloseable {

    private final int lanes;
    private final Map<Leaf, Memory> plain = new HashMap<>();
    private final Map<Leaf, Map<Packing, Memory>> packed = new HashMap<>();
    private final Deque<Memory> open = new ArrayDeque<>();

    /** In the host's memory. */
    public TestStorage(Graph graph) {
        this(graph, Device.cpu(1));
    }

    /** In a device's memory. */
    public TestStorage(Graph graph, Device device) {
        this.lanes = graph.lanes();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Leaf leaf && leaf.kind() != Leaf.Kind.INPUT) {
                plain.put(leaf, opened(new Memory(device, leaf.shape().elements(lanes) * leaf.leafType().bytes(), leaf.leafName())));
            }
        }
    }

    private Memory opened(Memory memory) {
        open.push(memory);
        return memory;
    }

    /** Writes all lanes' copies; forms packed before keep their numbers. */
    public void write(Leaf leaf, double[] values) {
        if (leaf.leafType() == DType.F64) {
            plain.get(leaf).write(0, values);
        } else {
            plain.get(leaf).write(0, floats(values));
        }
    }

    /** All lanes' copies of a float32 leaf. */
    public double[] read(Leaf leaf) {
        return doubles(plain.get(leaf).readFloats(0, Math.toIntExact(leaf.shape().elements(lanes))));
    }

    @Override
    public Memory memory(Leaf leaf, Packing packing, WeightType type) {
        Memory weight = plain.get(leaf);
        return packing == Packing.PLAIN ? weight : packed.computeIfAbsent(leaf, l -> new HashMap<>()).computeIfAbsent(packing,
            p -> opened(PackedWeights.pack(weight, leaf.shape().rows(), leaf.shape().cols(), p, type, leaf.leafName())));
    }

    @Override
    public long offset(Leaf leaf) {
        return 0;
    }

    @Override
    public long laneStride(Leaf leaf) {
        return leaf.shape().laned() ? (long) leaf.shape().rows() * leaf.shape().cols() * leaf.leafType().bytes() : 0;
    }

    @Override
    public void close() {
        open.forEach(Memory::close);
    }

    /** Rounds to float32. */
    public static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** Widens to float64. */
    public static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
