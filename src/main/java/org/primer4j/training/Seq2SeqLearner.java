package org.primer4j.training;

import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqEncoder;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.text.Tokenizer;

/**
 * A model with encoder and decoder that writes its answers.
 *
 * @param settings how rows become texts, and what is learned
 * @param capacity room for one part of a batch; enlarged where one row would not fit
 * @param devBeams of the search that dev is decoded by; 1 is greedy
 * @param reportBeams of the search that test is decoded by
 */
public record Seq2SeqLearner(Seq2SeqSettings settings, Seq2SeqCapacity capacity, int devBeams, int reportBeams) implements Learner<Seq2SeqExample> {

    /** @throws IllegalArgumentException when a search has no beam */
    public Seq2SeqLearner {
        if (devBeams < 1 || reportBeams < 1) {
            throw new IllegalArgumentException("a search needs at least one beam, not " + devBeams + " and " + reportBeams);
        }
    }

    @Override
    public int maxTokens() {
        return capacity.sourceTokens();
    }

    @Override
    public RowEncoder<Seq2SeqExample> rows(PretrainedModel model) {
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Tokenizer tokenizer = opened.add(Tokenizer.of(model.tokenizerJson()));
            Rows rows = new Rows(tokenizer, new Seq2SeqEncoder(tokenizer, settings.format(), model.config().asSeq2Seq().eosTokenId()));
            opened.succeeded();
            return rows;
        }
    }

    @Override
    public void requirePositions(ModelConfig config, Adaptation method) {
        int most = config.asSeq2Seq().maxPositions();
        Positions.require("--max-length", settings.format().maxSource(), (long) method.promptLength() + method.positionShift("encoder"), most);
        Positions.require("--max-target-length", settings.format().maxTarget(), method.positionShift("decoder"), most);
    }

    @Override
    public boolean fits(Seq2SeqExample row, Adaptation method, double share) {
        Seq2SeqCapacity room = room(capacity.share(share), method);
        return method.promptLength() + row.source().length <= room.sourceTokens() && row.target().length <= room.targetTokens();
    }

    @Override
    public LossGraph<Seq2SeqExample> lossGraph(PretrainedModel model, Adaptation method, double dropout, int lanes, double share) {
        Seq2SeqConfig config = model.config().asSeq2Seq();
        requirePositions(config, method);
        return Seq2SeqTrainer.graph(Seq2Seq.of(config), method, dropout, settings.smoothing(), room(capacity.share(share), method), lanes);
    }

    @Override
    public Evaluator<Seq2SeqExample> evaluator(PretrainedModel model, Weights weights, Adaptation method, Parameters parameters, Device device) {
        return new GenerationEvaluator(this, model, weights, method, parameters, device);
    }

    /** The capacity, large enough for the longest row. */
    Seq2SeqCapacity room(Adaptation method) {
        return room(capacity, method);
    }

    private Seq2SeqCapacity room(Seq2SeqCapacity least, Adaptation method) {
        Seq2SeqFormat format = settings.format();
        return least.atLeast(method.promptLength() + format.maxSource(), format.maxTarget());
    }

    private record Rows(Tokenizer tokenizer, Seq2SeqEncoder encoder) implements RowEncoder<Seq2SeqExample> {

        @Override
        public TaskData<Seq2SeqExample> sample(TaskSample sample) {
            return TaskData.of(sample, row -> encoder.encode(sample.info(), row));
        }

        @Override
        public Seq2SeqExample question(TaskInfo task, String input, List<String> candidates) {
            return encoder.encode(task, input);
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
