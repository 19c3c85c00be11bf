package org.primer4j.training;

import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Optimize;
import org.primer4j.model.Layers;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;

/**
 * One training step as a program: forward and backward pass, clipping, optimizer, in one native call. A batch too large
 * for the program's axes is run in parts, whose gradients add up to the whole batch's when the caller weights each example
 * by the whole batch (with dropout, up to the masks: they depend on a row's place within its part).
 */
public final class TrainingProgram extends NativeResource {

    private static final int PART = Stage.COMPUTE.bit() | Stage.ACCUMULATE.bit();
    private static final int STEP = PART | Stage.UPDATE.bit();
    private static final String RATE = "learning_rate";
    private static final String COUNT = "update_count";
    private static final String FIRST = "first_part";

    private final Program program;
    private final Parameters parameters;
    private final Value loss;
    private final Value norm;
    private final InputBuffer rate;
    private final InputBuffer count;
    private final InputBuffer first;
    private final InputBuffer dropoutKey;

    private TrainingProgram(Program program, Parameters parameters, Value loss, Value norm) {
        super("training program");
        this.program = program;
        this.parameters = parameters;
        this.loss = loss;
        this.norm = norm;
        this.rate = program.input(RATE);
        this.count = program.input(COUNT);
        this.first = program.input(FIRST);
        this.dropoutKey = program.hasInput(Layers.DROPOUT_KEY) ? program.input(Layers.DROPOUT_KEY) : null;
        for (int lane = 0; lane < parameters.lanes(); lane++) {
            setUpdate(lane, 0, 1);
        }
    }

    /**
     * Appends gradient and update to a graph and compiles it.
     *
     * @param loss one number a lane
     * @param parameters laid out for the graph's PARAMETER leaves
     */
    public static TrainingProgram compile(Graph graph, Value loss, Optimizer optimizer, Weights weights, Parameters parameters, Device device) {
        List<Value> leaves = graph.leaves(Leaf.Kind.PARAMETER);
        if (leaves.isEmpty()) {
            throw new IllegalArgumentException("nothing is trained: the graph has no parameters");
        }
        graph.output("loss", loss);
        ParameterLayout layout = parameters.layout();
        Value gradients = graph.state(Parameters.GRADIENTS, layout.size());
        Placements placements = new Placements();
        placements.add(layout, leaves, Gradient.of(loss, leaves), gradients);
        Value sum = graph.state(Parameters.GRADIENT_SUM, layout.size());
        graph.enter(Stage.ACCUMULATE);
        graph.add(new Optimize.Accumulate(), sum, gradients, graph.laneIntegers(FIRST, 1));
        graph.enter(Stage.UPDATE);
        Value[] clipped = graph.add(new Optimize.ClipGradNorm(optimizer.clip()), sum).outputs().toArray(new Value[0]);
        graph.output("grad_norm", clipped[1]);
        // 0 where the loss is finite, else NaN: an update by a factor that is not finite changes nothing.
        Value factor = Ops.add(clipped[2], Ops.scale(loss, 0));
        optimizer.append(graph, new Optimizer.Flat(layout, graph.state(Parameters.VALUES, layout.size()), sum, factor,
            graph.input(RATE, Shape.laned(1, 1)), graph.laneIntegers(COUNT, 1)));
        Program program = Program.compile(Plan.of(graph, placements.map()), new ModelStorage(weights, parameters), device);
        return new TrainingProgram(program, parameters, loss, clipped[1]);
    }

    /** The program whose inputs the caller writes before each part of a batch. */
    public Program program() {
        return program;
    }

    public Parameters parameters() {
        return parameters;
    }

    /**
     * Sets a lane's random key for dropout.
     *
     * @param step of the lane's run, counted from 0
     */
    public void setDropoutKey(int lane, long seed, int step) {
        if (dropoutKey != null) {
            dropoutKey.put(3 * lane, (int) seed);
            dropoutKey.put(3 * lane + 1, (int) (seed >>> 32));
            dropoutKey.put(3 * lane + 2, step);
        }
    }

    /**
     * One step over a batch that fits the axes: forward, backward, clipping, update, in one native call. A lane whose loss or gradient is not
     * finite keeps its parameters and optimizer state.
     */
    public void step() {
        setFirst(true);
        program.run(STEP);
    }

    /** As step, and adds each op's seconds to {@code seconds} ({@link Program#profile}). */
    public void profile(double[] seconds) {
        setFirst(true);
        program.profile(seconds, STEP);
    }

    /**
     * Forward and backward pass of the part of a batch that was written.
     *
     * @param firstPart whether it is the batch's first
     */
    public void accumulate(boolean firstPart) {
        setFirst(firstPart);
        program.run(PART);
    }

    private void setFirst(boolean isFirst) {
        for (int lane = 0; lane < parameters.lanes(); lane++) {
            first.put(lane, isFirst ? 1 : 0);
        }
    }

    /** A lane's loss of the last part. */
    public float loss(int lane) {
        return program.read(loss, lane);
    }

    /** A lane's gradient norm before clipping, of the last update. */
    public float gradNorm(int lane) {
        return program.read(norm, lane);
    }

    /**
     * Sets a lane's learning rate and number of updates for the next update.
     *
     * @param updates done, the next one included
     */
    public void setUpdate(int lane, double learningRate, int updates) {
        rate.put(lane, (float) learningRate);
        count.put(lane, updates);
    }

    /** Clips and updates by the sum of a batch's parts; changes nothing where the last part's loss or the sum is not finite. */
    public void update() {
        program.run(Stage.UPDATE.bit());
    }

    @Override
    protected void release() {
        program.close();
    }
}
