package org.primer4j.model;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Memory;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.PackedWeights;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.model.io.TensorData;

/**
 * The frozen weights of a model in native memory, loaded when a program first asks for them, plain or prepacked. Programs
 * of one model share them.
 */
public final class Weights extends NativeResource {

    private final Device device;
    private final Map<String, TensorData> tensors;
    private final Map<Form, Loaded> loaded = new HashMap<>();

    /** One of a tensor's forms; the type is null for plain numbers, which are float32. */
    private record Form(String name, Packing packing, WeightType type) {}

    private record Loaded(int rows, int cols, Memory memory) {}

    /**
     * @param device in whose memory they are loaded
     * @param tensors float32 tensors by name; linear weights are {@code [out, in]}
     */
    public Weights(Device device, Map<String, ? extends TensorData> tensors) {
        super("weights of " + tensors.size() + " tensors");
        this.device = device;
        this.tensors = Map.copyOf(tensors);
    }

    /** In the host's memory. */
    public Weights(Map<String, ? extends TensorData> tensors) {
        this(Device.cpu(), tensors);
    }

    /** In whose memory they are. */
    public Device device() {
        return device;
    }

    /** Whether the model has such a tensor. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** A tensor's numbers. */
    public float[] floats(String name) {
        return tensor(name).floats();
    }

    /** Number of a tensor's numbers. */
    public long size(String name) {
        return tensor(name).size();
    }

    /** {@code count} of a tensor's numbers, from number {@code start} on. */
    public float[] floats(String name, long start, int count) {
        float[] values = new float[count];
        tensor(name).read(start, FloatBuffer.wrap(values));
        return values;
    }

    /**
     * The weight as a kernel wants it.
     *
     * @param type of the numbers where it is packed; a plain one is float32
     */
    public synchronized Memory memory(String name, int rows, int cols, Packing packing, WeightType type) {
        checkOpen();
        Form form = new Form(name, packing, packing == Packing.PLAIN ? null : type);
        return loaded.computeIfAbsent(form, key -> new Loaded(rows, cols, load(key, rows, cols))).memory();
    }

    /**
     * Reads tensors again whose numbers are others now; programs that hold them see the new ones from their next run on.
     *
     * @param names of tensors; those that no program asked for are passed over
     */
    public synchronized void refresh(Set<String> names) {
        checkOpen();
        loaded.forEach((form, old) -> {
            if (names.contains(form.name())) {
                try (Memory fresh = load(form, old.rows(), old.cols())) {
                    old.memory().copyFrom(fresh, 0, 0, fresh.bytes());
                }
            }
        });
    }

    private Memory load(Form form, int rows, int cols) {
        Memory plain = plain(form.name(), rows, cols);
        if (form.packing() == Packing.PLAIN) {
            return plain;
        }
        try (plain) {
            return PackedWeights.pack(plain, rows, cols, form.packing(), form.type(), form.name());
        }
    }

    private Memory plain(String name, int rows, int cols) {
        TensorData tensor = tensor(name);
        if (tensor.size() != (long) rows * cols) {
            throw new IllegalArgumentException("weight " + name + " has " + tensor.size() + " numbers, not [" + rows + ", " + cols + "]");
        }
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Memory plain = opened.add(new Memory(device, tensor.size() * Float.BYTES, name));
            plain.write(0, tensor.floats());
            opened.succeeded();
            return plain;
        }
    }

    private TensorData tensor(String name) {
        TensorData tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the model has no weight " + name);
        }
        return tensor;
    }

    /** Bytes of native memory that the weights hold now. */
    public synchronized long bytes() {
        return loaded.values().stream().mapToLong(one -> one.memory().bytes()).sum();
    }

    @Override
    protected void release() {
        loaded.values().forEach(one -> one.memory().close());
    }
}
