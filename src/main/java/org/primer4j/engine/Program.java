package org.primer4j.engine;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;
import org.primer4j.engine.natives.Natives;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;

/**
 * A plan made ready to run on a device. Write the batch (rows of each axis, inputs), run, read the outputs: nothing of
 * this allocates, and a run is one native call. Not for use by several threads at a time; calls wait for each other.
 */
public final class Program extends NativeResource {

    private final Plan plan;
    private final Device device;
    private final Workspace workspace;
    private final boolean owner;
    private final HostView view;
    private final AxisTable axes;
    private final IntBuffer axisBuffer;
    private final Map<String, InputBuffer> inputs = new HashMap<>();
    private final InputBuffer[] checked;
    private final BatchCheck[] batchChecks;
    private final long handle;
    // Programs refer to these blocks by address; the array keeps them from being collected.
    private final Memory[] blocks;

    private Program(Plan plan, Storage storage, Device device, Workspace shared) {
        super("program of " + plan.nodes().size() + " nodes");
        this.plan = plan;
        this.device = device;
        InstructionWriter writer = new InstructionWriter(plan, storage, device);
        long[] code = writer.write();
        this.blocks = writer.blocks().toArray(new Memory[0]);
        this.owner = shared == null;
        this.axes = new AxisTable(plan.graph());
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.handle = create(code, device);
            opened.add(() -> Natives.primer_program_free(handle));
            this.workspace = owner ? opened.add(new Workspace(device, plan.bytes())) : shared;
            workspace.reserve(plan.bytes(), Natives.primer_program_scratch_bytes(handle));
            this.view = opened.add(new HostView(plan, workspace.arena()));
            this.axisBuffer = view.axes(axes.bytes()).asIntBuffer();
            viewInputs(plan.graph());
            this.batchChecks = BatchCheck.of(plan.nodes(), this);
            opened.succeeded();
        }
        this.checked = inputs.values().stream().filter(InputBuffer::hasLimits).toArray(InputBuffer[]::new);
    }

    /**
     * Prepares a plan.
     *
     * @throws EngineException when the native engine refuses it or memory is short
     */
    public static Program compile(Plan plan, Storage storage, Device device) {
        FreeMemory.require(device, plan.bytes(), "the plan",
            "its largest values are " + plan.largestHolders(3) + "; take a smaller batch or shorter texts");
        return new Program(plan, storage, device, null);
    }

    /**
     * Prepares a plan to run in memory that other programs run in too: between writing a batch and reading the results no other of them may
     * be written to or run; a run while another goes on is an {@link IllegalStateException}.
     *
     * @param workspace large enough for the plan; stays open as long as the program
     * @throws EngineException when the native engine refuses it or memory is short
     */
    public static Program compile(Plan plan, Storage storage, Device device, Workspace workspace) {
        return new Program(plan, storage, device, workspace);
    }

    private static long create(long[] code, Device device) {
        return NativeCall.get(null, () -> Natives.primer_program_create(device.handle(), code, code.length, device.threads(), device.weights().ordinal()));
    }

    private void viewInputs(Graph graph) {
        for (Value leaf : graph.leaves(Leaf.Kind.INPUT)) {
            inputs.put(((Leaf) leaf.node().op()).leafName(), new InputBuffer(this, leaf, view.input(leaf)));
        }
    }

    /** Bytes this program alone holds: the plan's arena and the kernels' scratch, unless these are shared. */
    public long bytes() {
        return owner ? workspace.bytes() : 0;
    }

    public Plan plan() {
        return plan;
    }

    public Device device() {
        return device;
    }

    /** Sets the rows of an axis when there is one lane. */
    public void setRows(Axis axis, int rows) {
        setLaneRow(axis, 0, rows);
    }

    /** Sets how many rows of an axis a lane has; lanes in ascending order. */
    public synchronized void setLaneRow(Axis axis, int lane, int rows) {
        checkOpen();
        axes.set(axis, lane, rows);
    }

    /** Rows of an axis, all lanes together. */
    public int rows(Axis axis) {
        return axes.offsets(axis)[plan.graph().lanes()];
    }

    /** First row of each lane, and the end of the last. */
    int[] laneOffsets(Axis axis) {
        return axes.offsets(axis);
    }

    /** The buffer of a batch input. */
    public InputBuffer input(String name) {
        InputBuffer input = inputs.get(name);
        if (input == null) {
            throw new IllegalArgumentException("the program has no input " + name + "; it has " + inputs.keySet());
        }
        return input;
    }

    public boolean hasInput(String name) {
        return inputs.containsKey(name);
    }

    /**
     * Runs over the batch that was written.
     *
     * @param stages the bits of the stages to run ({@link Stage#bit})
     */
    public synchronized void run(int stages) {
        execute(stages, null);
    }

    /** Runs the given stages over the batch that was written. */
    public void run(Stage... stages) {
        run(mask(stages));
    }

    private static int mask(Stage... stages) {
        int mask = 0;
        for (Stage stage : stages) {
            mask |= stage.bit();
        }
        return mask;
    }

    /** As run, and adds each op's seconds to {@code seconds}, one entry a node that is no leaf, in the plan's order. */
    public void profile(double[] seconds, Stage... stages) {
        profile(seconds, mask(stages));
    }

    /** As run, and adds each op's seconds to {@code seconds}, one entry a node that is no leaf, in the plan's order. */
    public synchronized void profile(double[] seconds, int stages) {
        long ops = plan.nodes().stream().filter(n -> !(n.op() instanceof Leaf)).count();
        if (seconds.length != ops) {
            throw new IllegalArgumentException("profile needs room for " + ops + " ops, not " + seconds.length);
        }
        execute(stages, seconds);
    }

    // Checking writes and reads the arena already.
    private void execute(int stages, double[] seconds) {
        checkUsable();
        hold();
        try {
            check();
            executeNative(stages, seconds);
        } finally {
            letGo();
        }
    }

    private void executeNative(int stages, double[] seconds) {
        long arena = workspace.arena().address(), scratch = workspace.scratch().address();
        try {
            if (seconds == null) {
                Natives.primer_program_run(handle, arena, scratch, view.address(), plan.inputBytes(), stages);
            } else {
                Natives.primer_program_profile(handle, arena, scratch, view.address(), plan.inputBytes(), stages, seconds);
            }
        } catch (RuntimeException e) {
            throw new EngineException(e.getMessage(), e);
        }
    }

    // Weights and parameters belong to others: who closes them meanwhile waits until the run is over.
    private void hold() {
        workspace.hold();
        int held = 0;
        try {
            for (; held < blocks.length; held++) {
                blocks[held].hold();
            }
        } catch (IllegalStateException e) {
            letGo(held);
            throw e;
        }
    }

    private void letGo() {
        letGo(blocks.length);
    }

    private void letGo(int held) {
        for (int i = 0; i < held; i++) {
            blocks[i].letGo();
        }
        workspace.letGo();
    }

    private void check() {
        axes.write(axisBuffer);
        for (InputBuffer input : checked) {
            input.check();
        }
        for (BatchCheck check : batchChecks) {
            check.check(this);
        }
    }

    /** Copies the first numbers of a named output; as many as {@code target} holds. */
    public synchronized void read(Value output, float[] target) {
        buffer(output, DType.F32, 0, target.length).asFloatBuffer().get(target);
    }

    /** Copies the first numbers of a named output of a float64 graph. */
    public synchronized void read(Value output, double[] target) {
        buffer(output, DType.F64, 0, target.length).asDoubleBuffer().get(target);
    }

    /** Copies the first numbers of a named output of whole numbers. */
    public synchronized void read(Value output, int[] target) {
        buffer(output, DType.I32, 0, target.length).asIntBuffer().get(target);
    }

    /** One number of a named output, such as a lane's loss. */
    public synchronized float read(Value output, int index) {
        return buffer(output, DType.F32, index, index + 1L).getFloat(Math.multiplyExact(index, Float.BYTES));
    }

    private ByteBuffer buffer(Value output, DType type, long first, long end) {
        checkUsable();
        ByteBuffer buffer = output.dtype() == type ? view.output(output, first * type.bytes(), end * type.bytes()) : null;
        if (buffer == null) {
            throw new IllegalArgumentException(output + " is not an output of type " + type + " of this program");
        }
        return buffer;
    }

    @Override
    protected void release() {
        Natives.primer_program_free(handle);
        view.close();
        if (owner) {
            workspace.close();
        }
    }

    /** Throws when it was closed, or the memory that it runs in. */
    void checkUsable() {
        checkOpen();
        workspace.checkUsable();
    }
}
