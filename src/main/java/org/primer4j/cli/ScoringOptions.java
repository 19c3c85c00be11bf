package org.primer4j.cli;

import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.model.Adaptation;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqFormat.Prefix;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.training.CrossFitProtocol;
import org.primer4j.training.Learner;
import org.primer4j.training.ScoringLearner;
import org.primer4j.training.Seq2SeqLearner;
import picocli.CommandLine.Option;

/** How texts are read, and answers scored or written. */
final class ScoringOptions {

    private static final int ENCODER_LENGTH = 128;

    @Option(names = "--objective", paramLabel = "NAME",
        description = "How the model answers: matching (cosines of embeddings) or joint (input and candidate as one pair) for encoders, seq2seq for models"
            + " that write (default: matching or seq2seq, as the model is).")
    private String objective;

    @Option(names = "--task-names", negatable = true, defaultValue = "true", fallbackValue = "true",
        description = "Whether the task's name stands before every text (default: ${DEFAULT-VALUE}).")
    private boolean taskNames;

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens of a text; longer ones are cut (default: 128, seq2seq 512).")
    private Integer maxLength;

    @Option(names = "--max-target-length", paramLabel = "N", description = "Tokens of an answer, seq2seq only; longer ones are cut (default: 64).")
    private Integer maxTargetLength;

    @Option(names = "--label-smoothing", paramLabel = "X", description = "Of the loss, seq2seq only (default: 0.1, as CrossFit).")
    private Double smoothing;

    @Option(names = "--dev-beams", paramLabel = "N", description = "Beams that dev is decoded with, seq2seq only; 1 is greedy (default: 4, as CrossFit).")
    private Integer devBeams;

    @Option(names = "--beams", paramLabel = "N", description = "Beams that test is decoded with, seq2seq only (default: 4).")
    private Integer beams;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "2048",
        description = "Room for one part of a batch, in tokens; decides the memory (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    /** What a model of this kind learns and answers by. */
    Learner<?> learner(ModelConfig config) {
        Learner<?> learner = config instanceof Seq2SeqConfig ? seq2seq(config) : scoring(config.asEncoder());
        learner.requirePositions(config, Adaptation.frozen());
        return learner;
    }

    private ScoringLearner scoring(EncoderConfig config) {
        refuse("--max-target-length", maxTargetLength, config);
        refuse("--label-smoothing", smoothing, config);
        refuse("--dev-beams", devBeams, config);
        refuse("--beams", beams, config);
        String name = objective == null ? "matching" : objective;
        if (name.equals(Seq2SeqSettings.NAME)) {
            throw new BadInputException("--objective is seq2seq, but the model is a " + config.modelType() + ", an encoder; expected matching or joint.");
        }
        int length = maxLength == null ? ENCODER_LENGTH : maxLength;
        ScoringSettings settings = Valid.of(() -> new ScoringSettings(ScoringSettings.objective(name), new TextFormat(taskNames, false), length));
        Valid.atLeast("--max-tokens", maxTokens, length);
        return new ScoringLearner(settings, Capacity.ofTokens(maxTokens));
    }

    private static void refuse(String option, Object given, EncoderConfig config) {
        if (given != null) {
            throw new BadInputException(option + " is for models that write, and the model is a " + config.modelType() + ", an encoder; leave it out.");
        }
    }

    private Seq2SeqLearner seq2seq(ModelConfig config) {
        if (objective != null && !objective.equals(Seq2SeqSettings.NAME)) {
            throw new BadInputException("--objective is " + objective + ", but the model is a " + config.modelType() + ", which writes; expected seq2seq.");
        }
        int source = or(maxLength, CrossFitProtocol.MAX_SOURCE);
        int target = or(maxTargetLength, CrossFitProtocol.MAX_TARGET);
        Valid.atLeast("--max-length", source, 3);
        Valid.atLeast("--max-target-length", target, 3);
        Valid.atLeast("--max-tokens", maxTokens, source);
        Seq2SeqFormat crossFit = Seq2SeqFormat.CROSSFIT;
        Seq2SeqFormat format = new Seq2SeqFormat(taskNames ? crossFit.prefix() : Prefix.NONE, crossFit.lowerCase(), crossFit.cleanup(), source, target);
        double epsilon = smoothing == null ? CrossFitProtocol.LABEL_SMOOTHING : smoothing;
        return Valid.of(() -> new Seq2SeqLearner(new Seq2SeqSettings(format, epsilon), Seq2SeqCapacity.ofTokens(maxTokens),
            or(devBeams, CrossFitProtocol.BEAMS), or(beams, CrossFitProtocol.BEAMS)));
    }

    /** How many beams answers are written with, for results; none when they are scored. */
    static Map<String, Integer> beams(Learner<?> learner) {
        return learner instanceof Seq2SeqLearner seq2seq ? Map.of("dev", seq2seq.devBeams(), "test", seq2seq.reportBeams()) : Map.of();
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
