package org.primer4j.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.primer4j.engine.Device;
import org.primer4j.engine.Memory;
import org.primer4j.engine.NativeResource;
import org.primer4j.random.Philox;

/** Every lane's trained parameters as one flat vector {@code [lanes, P]}, and vectors of the same shape beside it. */
public final class Parameters extends NativeResource {

    /** Names of the flat vectors. */
    public static final String VALUES = "values";
    public static final String GRADIENTS = "gradients";
    public static final String GRADIENT_SUM = "gradient_sum";
    public static final String MOMENT_1 = "moment_1";
    public static final String MOMENT_2 = "moment_2";

    private static final Set<String> OPTIMIZER_STATE = Set.of(GRADIENTS, GRADIENT_SUM, MOMENT_1, MOMENT_2);

    private final Device device;
    private final ParameterLayout layout;
    private final int lanes;
    private final Map<String, Memory> vectors = new LinkedHashMap<>();

    /**
     * Zeros.
     *
     * @param device in whose memory they lie
     */
    public Parameters(Device device, ParameterLayout layout, int lanes) {
        super("parameters of " + lanes + " lanes");
        this.device = device;
        this.layout = layout;
        this.lanes = lanes;
    }

    /** Zeros in the host's memory. */
    public Parameters(ParameterLayout layout, int lanes) {
        this(Device.cpu(), layout, lanes);
    }

    public ParameterLayout layout() {
        return layout;
    }

    public int lanes() {
        return lanes;
    }

    /** One flat vector, made of zeros when it is first asked for. */
    public synchronized Memory vector(String name) {
        checkOpen();
        return vectors.computeIfAbsent(name, n -> new Memory(device, (long) lanes * layout.size() * Float.BYTES, n));
    }

    /** Sets a lane's start values: the model's own tensors as they are, added ones as the adaptation draws them. */
    public void initialize(int lane, Weights weights, Adaptation adaptation, long seed) {
        // The gaps between tensors too: a run that diverged may have left NaN there.
        long bytes = (long) layout.size() * Float.BYTES;
        vector(VALUES).zero(lane * bytes, bytes);
        for (ParameterLayout.Entry entry : layout.entries()) {
            float[] values = weights.has(entry.name()) ? weights.floats(entry.name())
                : adaptation.initial(entry.name(), entry.rows(), entry.cols(), weights, new Philox(seed, entry.name()));
            write(lane, entry.name(), values);
        }
    }

    /** Sets all optimizer states of a lane to zero; values, and vectors that a caller keeps beside them, stay. */
    public synchronized void resetState(int lane) {
        long bytes = (long) layout.size() * Float.BYTES;
        vectors.forEach((name, memory) -> {
            if (OPTIMIZER_STATE.contains(name)) {
                memory.zero(lane * bytes, bytes);
            }
        });
    }

    /** A tensor of a lane. */
    public float[] read(int lane, String name) {
        return read(VALUES, lane, name);
    }

    /** A tensor of a lane in one of the flat vectors, such as its gradient. */
    public float[] read(String vector, int lane, String name) {
        ParameterLayout.Entry entry = layout.entry(name);
        return vector(vector).readFloats(offset(lane, entry), entry.size());
    }

    /** Overwrites a tensor of a lane. */
    public void write(int lane, String name, float[] values) {
        write(VALUES, lane, name, values);
    }

    /** Overwrites a tensor of a lane in one of the flat vectors. */
    public void write(String vector, int lane, String name, float[] values) {
        ParameterLayout.Entry entry = layout.entry(name);
        if (values.length != entry.size()) {
            throw new IllegalArgumentException("parameter " + name + " has " + entry.size() + " numbers, not " + values.length);
        }
        vector(vector).write(offset(lane, entry), values);
    }

    /** All tensors of a lane, in the layout's order. */
    public Map<String, float[]> tensors(int lane) {
        Map<String, float[]> tensors = new LinkedHashMap<>();
        layout.entries().forEach(e -> tensors.put(e.name(), read(lane, e.name())));
        return Collections.unmodifiableMap(tensors);
    }

    /** Sets all lanes of one of the flat vectors to zero. */
    public void zero(String vector) {
        Memory memory = vector(vector);
        memory.zero(0, memory.bytes());
    }

    /** Copies all lanes of one of the flat vectors into another. */
    public void copy(String from, String to) {
        Memory source = vector(from);
        vector(to).copyFrom(source, 0, 0, source.bytes());
    }

    /** Copies a lane's values into another flat vector, or back. */
    public void copyLane(String from, String to, int lane) {
        long bytes = (long) layout.size() * Float.BYTES;
        vector(to).copyFrom(vector(from), lane * bytes, lane * bytes, bytes);
    }

    private long offset(int lane, ParameterLayout.Entry entry) {
        if (lane < 0 || lane >= lanes) {
            throw new IndexOutOfBoundsException("lane " + lane + " of " + lanes);
        }
        return ((long) lane * layout.size() + entry.offset()) * Float.BYTES;
    }

    /** Bytes of native memory that the vectors hold now. */
    public synchronized long bytes() {
        return vectors.values().stream().mapToLong(Memory::bytes).sum();
    }

    @Override
    protected void release() {
        vectors.values().forEach(Memory::close);
    }
}
