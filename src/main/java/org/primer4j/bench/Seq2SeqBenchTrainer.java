package org.primer4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Layers;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.TextInputs;
import org.primer4j.model.Weights;
import org.primer4j.model.io.BartConfig;
import org.primer4j.objective.seq2seq.Seq2SeqBatchWriter;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqGraph;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingProgram;

/** One training step of a BART with random weights: cross-entropy of the target tokens, clip to norm 1, AdamW. */
final class Seq2SeqBenchTrainer implements BenchRun {

    private static final double CLIP_NORM = 1;
    private static final double DECAY = 0.01;

    private final BenchTrainOptions options;
    private final BenchMethod method;
    private final List<Batch> batches = new ArrayList<>();
    private final Weights weights;
    private final Parameters parameters;
    private final TrainingProgram training;
    private final Seq2SeqBatchWriter writer;
    private int updates;

    Seq2SeqBenchTrainer(BenchTrainOptions options, Device device) {
        this.options = options;
        this.method = BenchMethod.of(options);
        BartConfig config = BenchShapes.bart(options.model());
        draw(config);
        Seq2SeqGraph graph = Seq2SeqGraph.build(Layers.forTraining(new Graph(1, DType.F32), method, options.dropout()), Seq2Seq.of(config), capacity(), 0);
        Optimizer optimizer = Optimizer.AdamW.with(DECAY, CLIP_NORM);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.weights = opened.add(RandomTensor.weights(device, config, options.seed()));
            this.parameters = opened.add(new Parameters(device, new ParameterLayout(graph.loss().graph().leaves(Leaf.Kind.PARAMETER)), 1));
            parameters.initialize(0, weights, method, options.seed());
            this.training = opened.add(TrainingProgram.compile(graph.loss().graph(), graph.loss(), optimizer, weights, parameters, device));
            this.writer = new Seq2SeqBatchWriter(training.program(), graph, method);
            opened.succeeded();
        }
    }

    private void draw(BartConfig config) {
        int room = config.maxPositions();
        Seq2SeqBatches.draw(options.lengths(), options.warmup() + options.steps(), options.batch(), config, room - method.promptLength(),
            room - method.positionShift("decoder"), options.seed()).forEach(rows -> batches.add(new Batch(rows, method.promptLength())));
    }

    private Seq2SeqCapacity capacity() {
        return new Seq2SeqCapacity(batches.stream().mapToInt(batch -> batch.rows(TextInputs.SOURCE + TextInputs.TOKENS)).max().orElseThrow(),
            batches.stream().mapToInt(batch -> batch.rows(TextInputs.TARGET + TextInputs.TOKENS)).max().orElseThrow(), options.batch());
    }

    /**
     * A batch of random token ids.
     *
     * @param virtual tokens before each source, which no text has and which are not counted as real ones
     */
    private record Batch(List<Seq2SeqExample> examples, int virtual) implements Sizes {

        @Override
        public int tokens() {
            return examples.stream().mapToInt(Seq2SeqExample::tokens).sum();
        }

        @Override
        public int rows(String axis) {
            return axis.equals(TextInputs.SEQUENCES) ? examples.size() : examples.stream().mapToInt(row -> length(row, axis)).sum();
        }

        @Override
        public long pairs(String queries, String keys) {
            return examples.stream().mapToLong(row -> (long) length(row, queries) * length(row, keys)).sum();
        }

        private int length(Seq2SeqExample row, String axis) {
            return axis.startsWith(TextInputs.SOURCE) ? virtual + row.source().length : row.target().length;
        }
    }

    @Override
    public Sizes sizes(int batch) {
        return batches.get(batch);
    }

    @Override
    public float step(int batch) {
        write(batch);
        training.step();
        return training.loss(0);
    }

    @Override
    public void profile(int batch, double[] seconds) {
        write(batch);
        training.profile(seconds);
    }

    private void write(int batch) {
        writer.write(batches.get(batch).examples(), 0);
        training.setDropoutKey(0, options.seed(), updates);
        training.setUpdate(0, options.lr(), ++updates);
    }

    @Override
    public Program program() {
        return training.program();
    }

    @Override
    public long trained() {
        return parameters.layout().count();
    }

    @Override
    public void close() {
        training.close();
        parameters.close();
        weights.close();
    }
}
