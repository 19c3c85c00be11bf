package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.generation.DefaultSettings;
import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationRoom;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.generation.Generator;
import org.primer4j.generation.Hypothesis;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqEncoder;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.text.Tokenizer;

/** Answers rows by generating: the best sequence that a search finds, as text. */
final class GenerationEvaluator extends NativeResource implements Evaluator<Seq2SeqExample> {

    /** More sources at once gain little, and the caches of their beams take memory. */
    private static final int MOST_SOURCES = 16;

    private final Tokenizer tokenizer;
    private final Seq2SeqEncoder encoder;
    private final Generator dev;
    private final Generator report;

    GenerationEvaluator(Seq2SeqLearner learner, PretrainedModel model, Weights weights, Adaptation method, Parameters parameters, Device device) {
        super("evaluator");
        Seq2SeqCapacity room = learner.room(method);
        GenerationRoom part = new GenerationRoom(Math.min(MOST_SOURCES, room.rows()), room.sourceTokens());
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.tokenizer = opened.add(Tokenizer.of(model.tokenizerJson()));
            this.encoder = new Seq2SeqEncoder(tokenizer, learner.settings().format(), model.config().asSeq2Seq().eosTokenId());
            this.dev = opened.add(generator(learner, learner.devBeams(), model, weights, method, parameters, part, device));
            this.report = learner.devBeams() == learner.reportBeams() ? dev
                : opened.add(generator(learner, learner.reportBeams(), model, weights, method, parameters, part, device));
            opened.succeeded();
        }
    }

    private static Generator generator(Seq2SeqLearner learner, int beams, PretrainedModel model, Weights weights, Adaptation method, Parameters parameters,
                                       GenerationRoom room, Device device) {
        GenerationSettings settings = settings(model, beams, learner.settings().format().maxTarget());
        return new Generator(Seq2Seq.of(model.config().asSeq2Seq()), weights, method, parameters, settings, room, device);
    }

    // As the model's folder says, but for the beams, the longest answer and early stopping: CrossFit's (its code, run_singletask.py).
    // Its longest answer counts the start token, as max_length does.
    static GenerationSettings settings(PretrainedModel model, int beams, int longest) {
        GenerationSettings own = DefaultSettings.of(model.config().asSeq2Seq(), model.generation());
        return own.withBeams(beams).withLengths(Math.min(own.minLength(), longest), longest)
            .withChoices(own.lengthPenalty(), EarlyStopping.FALSE, own.noRepeatNgram());
    }

    @Override
    public List<String> predict(List<Seq2SeqExample> rows) {
        return generate(dev, rows);
    }

    @Override
    public List<String> predictForReport(List<Seq2SeqExample> rows) {
        return generate(report, rows);
    }

    private List<String> generate(Generator generator, List<Seq2SeqExample> rows) {
        List<String> answers = new ArrayList<>();
        for (List<Hypothesis> found : generator.generate(rows.stream().map(Seq2SeqExample::source).toList())) {
            answers.add(encoder.prediction(found.get(0).tokens()));
        }
        return answers;
    }

    @Override
    public long bytes() {
        return dev.bytes() + (report == dev ? 0 : report.bytes());
    }

    @Override
    protected void release() {
        dev.close();
        report.close();
        tokenizer.close();
    }
}
