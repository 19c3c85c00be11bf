package org.primer4j.training;

import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.gym.Candidates;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Parameters;
import org.primer4j.model.TextInputs;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.SequencePool;
import org.primer4j.text.Tokenizer;

/**
 * An encoder that scores the candidate answers of a row.
 *
 * @param settings how texts are scored
 * @param capacity room for one part of a batch
 */
public record ScoringLearner(ScoringSettings settings, Capacity capacity) implements Learner<EncodedExample> {

    @Override
    public int maxTokens() {
        return capacity.tokens();
    }

    @Override
    public RowEncoder<EncodedExample> rows(PretrainedModel model) {
        return new Rows(settings, Tokenizer.of(model.tokenizerJson()));
    }

    @Override
    public void requirePositions(ModelConfig config, Adaptation method) {
        long virtual = (long) method.promptLength() + method.positionShift("encoder");
        Positions.require("--max-length", settings.maxLength(), virtual, config.asEncoder().maxPositions() - TextInputs.firstPosition(config));
    }

    @Override
    public boolean fits(EncodedExample row, Adaptation method, double share) {
        Capacity room = capacity.share(share);
        int sequences = row.candidates().length + (row.text() == null ? 0 : 1);
        return row.tokens() + (long) sequences * method.promptLength() <= room.tokens() && row.candidates().length < room.sequences()
            && row.candidates().length <= room.pairs();
    }

    @Override
    public LossGraph<EncodedExample> lossGraph(PretrainedModel model, Adaptation method, double dropout, int lanes, double share) {
        requirePositions(model.config(), method);
        return ScoringTrainer.graph(new Encoder(model.config().asEncoder()), method, settings.objective(), dropout, capacity.share(share),
            lanes);
    }

    @Override
    public Evaluator<EncodedExample> evaluator(PretrainedModel model, Weights weights, Adaptation method, Parameters parameters, Device device) {
        return new ScoringEvaluator(new Encoder(model.config().asEncoder()), weights, method, settings.objective(), parameters, capacity, device);
    }

    /** Texts that occur more than once are tokenised once. */
    private record Rows(ScoringSettings settings, Tokenizer tokenizer, SequencePool pool) implements RowEncoder<EncodedExample> {

        Rows(ScoringSettings settings, Tokenizer tokenizer) {
            this(settings, tokenizer, new SequencePool(tokenizer, settings.maxLength()));
        }

        @Override
        public TaskData<EncodedExample> sample(TaskSample sample) {
            Candidates candidates = Candidates.of(sample);
            return TaskData.of(sample, row -> row(sample.info(), row, candidates));
        }

        private EncodedExample row(TaskInfo task, Example row, Candidates candidates) {
            return encode(task, row.input(), candidates.of(row.input()), candidates.gold(row));
        }

        @Override
        public EncodedExample question(TaskInfo task, String input, List<String> candidates) {
            return encode(task, input, candidates, EncodedExample.UNKNOWN);
        }

        private EncodedExample encode(TaskInfo task, String input, List<String> candidates, int gold) {
            return settings.objective().encode(task, input, candidates, gold, settings.format(), pool);
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
