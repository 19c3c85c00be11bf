package org.primer4j.bench;

import java.util.Arrays;
import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.Heads;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.TextInputs;
import org.primer4j.model.Weights;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingProgram;

/** One training step of the benchmark's model: forward, backward, clip to norm 1, AdamW. */
final class BenchTrainer implements BenchRun {

    private static final double CLIP_NORM = 1;
    private static final double DECAY = 0.01;

    private final BenchTrainOptions options;
    private final List<BenchBatch> batches;
    private final Weights weights;
    private final Parameters parameters;
    private final TrainingProgram training;
    private int updates;

    BenchTrainer(BenchTrainOptions options, Device device) {
        this.options = options;
        this.batches = BenchBatch.draw(options, BenchModel.MINILM, options.warmup() + options.steps());
        BenchModel model = new BenchModel(options, batches.stream().mapToInt(BenchBatch::tokens).max().orElseThrow());
        BenchMethod method = BenchMethod.of(options);
        Value loss = model.loss(method);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.weights = opened.add(model.weights(device));
            this.parameters = opened.add(new Parameters(device, new ParameterLayout(loss.graph().leaves(Leaf.Kind.PARAMETER)), 1));
            parameters.initialize(0, weights, method, options.seed());
            this.training = opened.add(TrainingProgram.compile(loss.graph(), loss, Optimizer.AdamW.with(DECAY, CLIP_NORM), weights, parameters, device));
            opened.succeeded();
        }
    }

    @Override
    public Program program() {
        return training.program();
    }

    @Override
    public BenchRun.Sizes sizes(int batch) {
        return batches.get(batch);
    }

    @Override
    public long trained() {
        return parameters.layout().count();
    }

    @Override
    public float step(int batch) {
        write(batches.get(batch));
        training.step();
        return training.loss(0);
    }

    @Override
    public void profile(int batch, double[] seconds) {
        write(batches.get(batch));
        training.profile(seconds);
    }

    private void write(BenchBatch batch) {
        set(TextInputs.TOKENS, batch.tokens());
        set(TextInputs.SEQUENCES, batch.sequences());
        put(TextInputs.IDS, batch.ids());
        put(TextInputs.POSITIONS, batch.positions());
        put(TextInputs.TYPES, new int[batch.tokens()]);
        put(TextInputs.OFFSETS, batch.offsets());
        if (options.objective().equals("classify")) {
            put(BenchModel.LABEL, batch.classes());
            program().input(Heads.FIRST_TOKENS).put(0, batch.offsets(), batch.sequences());
        } else {
            writePairs(batch.classes().length);
        }
        float[] mean = new float[batch.classes().length];
        Arrays.fill(mean, 1f / mean.length);
        program().input(BenchModel.WEIGHT).put(0, mean);
        training.setDropoutKey(0, options.seed(), updates);
        training.setUpdate(0, options.lr(), ++updates);
    }

    // Row i's candidates are all second texts; its own is number i.
    private void writePairs(int rows) {
        set(BenchModel.ROWS, rows);
        set(BenchModel.PAIRS, rows * rows);
        int[] left = new int[rows * rows];
        int[] right = new int[rows * rows];
        int[] offsets = new int[rows + 1];
        int[] own = new int[rows];
        Arrays.setAll(left, p -> p / rows);
        Arrays.setAll(right, p -> rows + p % rows);
        Arrays.setAll(offsets, i -> i * rows);
        Arrays.setAll(own, i -> i);
        put(BenchModel.LEFT, left);
        put(BenchModel.RIGHT, right);
        put(BenchModel.CANDIDATES, offsets);
        put(BenchModel.LABEL, own);
    }

    private void set(String axis, int rows) {
        for (Axis known : program().plan().graph().axes()) {
            if (known.name().equals(axis)) {
                program().setRows(known, rows);
            }
        }
    }

    private void put(String input, int[] values) {
        program().input(input).put(0, values, values.length);
    }

    @Override
    public void close() {
        training.close();
        parameters.close();
        weights.close();
    }
}
