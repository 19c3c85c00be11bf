package org.primer4j.training;

import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.objective.BatchWriter;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.HeadedAdaptation;
import org.primer4j.objective.Objective;
import org.primer4j.objective.ScoringGraph;

/**
 * Trains one lane of an encoder under a scoring objective. The program is compiled once and serves any number of runs:
 * {@link #reset} starts the next.
 */
public final class ScoringTrainer extends NativeResource {

    /** Odd, with well mixed bits: 2^64 over the golden ratio. */
    private static final long PART_KEY = 0x9E3779B97F4A7C15L;

    private final Weights weights;
    private final Adaptation adaptation;
    private final Parameters parameters;
    private final TrainingProgram program;
    private final BatchWriter writer;
    private long seed;
    private int updates;
    private long tokens;

    /**
     * @param method what is tuned in the encoder; the objective's head is tuned beside it
     * @param dropout probability while training
     * @param capacity room for one part of a batch
     */
    public ScoringTrainer(Encoder encoder, Weights weights, Adaptation method, Objective objective, double dropout, Optimizer optimizer,
                          Capacity capacity, Device device) {
        super("trainer");
        this.weights = weights;
        this.adaptation = new HeadedAdaptation(method, objective);
        Graph graph = new Graph(1, DType.F32);
        ScoringGraph scoring = objective.build(new Layers(graph, adaptation, dropout), encoder, capacity);
        this.parameters = new Parameters(new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER)), graph.lanes());
        this.program = TrainingProgram.compile(graph, scoring.loss(), optimizer, weights, parameters, device);
        this.writer = new BatchWriter(program.program(), scoring, encoder.config());
        reset(0);
    }

    /** Starts a new run: start values, optimizer state zero. */
    public void reset(long newSeed) {
        seed = newSeed;
        updates = 0;
        parameters.resetState(0);
        parameters.initialize(0, weights, adaptation, seed);
    }

    /**
     * One optimizer step on the mean loss of a batch, in as many parts as the capacity asks for.
     *
     * @return the mean loss
     * @throws java.util.concurrent.CancellationException when the thread was interrupted; the parameters are as before
     * @throws TrainingException when loss or gradient are not finite; the parameters are as before
     */
    public double step(List<EncodedExample> batch, double learningRate) {
        program.setUpdate(0, learningRate, updates + 1);
        double loss = 0;
        for (int at = 0, part = 0; at < batch.size(); part++) {
            Interruption.check();
            at = write(batch, at);
            // Masks depend on a row's place within its part: each part has a key of its own, the first the step's.
            program.setDropoutKey(0, seed ^ part * PART_KEY, updates);
            boolean whole = part == 0 && at == batch.size();
            if (whole) {
                program.step();
            } else {
                program.accumulate(part == 0);
            }
            loss += program.loss(0);
            if (!whole && at == batch.size()) {
                program.update();
            }
        }
        if (!Double.isFinite(loss) || !Float.isFinite(program.gradNorm(0))) {
            throw new TrainingException("step " + (updates + 1) + ": the loss is " + loss + " and the gradient norm " + program.gradNorm(0)
                + "; take a smaller learning rate than " + learningRate);
        }
        updates++;
        return loss;
    }

    // Writes rows from `at` on; returns the first that had no room.
    private int write(List<EncodedExample> batch, int at) {
        writer.begin();
        int next = at;
        while (next < batch.size() && writer.add(batch.get(next), 1f / batch.size())) {
            next++;
        }
        if (next == at) {
            throw new BadInputException("A row of " + batch.get(at).tokens() + " tokens (its candidates included) is longer than the "
                + "room for one part of a batch; raise --max-tokens or lower --max-length.");
        }
        writer.endLane(0);
        writer.end();
        tokens += writer.tokens();
        return next;
    }

    /** The tuned parameters; an evaluator made with them scores what was trained last. */
    public Parameters parameters() {
        return parameters;
    }

    /** Updates since the reset. */
    public int updates() {
        return updates;
    }

    /** Tokens read since the trainer was made. */
    public long tokens() {
        return tokens;
    }

    /** Bytes of native memory of program and parameters; the weights are shared and not counted. */
    public long bytes() {
        return program.program().bytes() + parameters.bytes();
    }

    @Override
    protected void release() {
        program.close();
        parameters.close();
    }
}
