package org.primer4j.training;

import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Interruption;
import org.primer4j.engine.NativeResource;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.PartWriter;

/**
 * Trains one lane of a model. The program is compiled once and serves any number of runs: {@link #reset} starts the next.
 *
 * @param <E> a row of a batch
 */
public class Trainer<E> extends NativeResource {

    /** Odd, with well mixed bits: 2^64 over the golden ratio. */
    private static final long PART_KEY = 0x9E3779B97F4A7C15L;

    private final Weights weights;
    private final Adaptation adaptation;
    private final Parameters parameters;
    private final TrainingProgram program;
    private final PartWriter<E> writer;
    private long seed;
    private int updates;
    private long tokens;

    /** Compiles a graph of one lane, and starts a run with seed 0. */
    public Trainer(LossGraph<E> graph, Weights weights, Optimizer optimizer, Device device) {
        super("trainer");
        this.weights = weights;
        this.adaptation = graph.adaptation();
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.parameters = opened.add(new Parameters(device, graph.layout(), graph.graph().lanes()));
            this.program = opened.add(TrainingProgram.compile(graph.graph(), graph.loss(), optimizer, weights, parameters, device));
            this.writer = graph.writer().apply(program.program());
            start(0);
            opened.succeeded();
        }
    }

    /** Starts a new run: start values, optimizer state zero. */
    public void reset(long newSeed) {
        start(newSeed);
    }

    private void start(long newSeed) {
        seed = newSeed;
        updates = 0;
        parameters.resetState(0);
        parameters.initialize(0, weights, adaptation, seed);
    }

    /**
     * One optimizer step on the loss of a batch, in as many parts as the capacity asks for.
     *
     * @return the loss
     * @throws java.util.concurrent.CancellationException when the thread was interrupted; the parameters are as before
     * @throws TrainingException when loss or gradient are not finite; the parameters are as before
     */
    public double step(List<E> batch, double learningRate) {
        program.setUpdate(0, learningRate, updates + 1);
        double loss = 0;
        for (int at = 0, part = 0; at < batch.size(); part++) {
            Interruption.check();
            at = writer.write(batch, at);
            tokens += writer.tokens();
            // Masks depend on a row's place within its part: each part has a key of its own, the first the step's.
            program.setDropoutKey(0, seed ^ part * PART_KEY, updates);
            boolean whole = part == 0 && at == batch.size();
            if (whole) {
                program.step();
            } else {
                program.accumulate(part == 0);
            }
            loss += program.loss(0);
            if (!Double.isFinite(loss)) {
                throw diverged("loss is " + loss, learningRate);
            }
            if (!whole && at == batch.size()) {
                program.update();
            }
        }
        if (!Float.isFinite(program.gradNorm(0))) {
            throw diverged("gradient's norm is " + program.gradNorm(0), learningRate);
        }
        updates++;
        return loss;
    }

    private TrainingException diverged(String what, double learningRate) {
        return new TrainingException("step " + (updates + 1) + ": the " + what + "; take a smaller learning rate than " + learningRate);
    }

    /** The tuned parameters; an evaluator made with them scores what was trained last. */
    public Parameters parameters() {
        return parameters;
    }

    /** The gradient's norm before clipping, of the last step. */
    public float gradNorm() {
        return program.gradNorm(0);
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
