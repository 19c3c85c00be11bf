package org.primer4j.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.generation.GenerationSettings;
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

/**
 * How texts are read, and answers scored or written, as a command line or an experiment's file says it. What is null takes
 * the default of the model's kind; complaints name the command line's options.
 *
 * @param objective       matching, joint or seq2seq
 * @param taskNames       whether the task's name stands before every text
 * @param maxLength       tokens of a text
 * @param maxTargetLength tokens of an answer that is written
 * @param labelSmoothing  of the loss of answers that are written
 * @param devBeams        beams that dev is decoded with
 * @param beams           beams that test is decoded with
 * @param maxTokens       room for one part of a batch, in tokens
 */
public record TextChoice(String objective, boolean taskNames, Integer maxLength, Integer maxTargetLength, Double labelSmoothing, Integer devBeams,
                         Integer beams, int maxTokens) {

    /** Far more than a machine's memory takes; what is computed from it stays in range. */
    public static final int MOST_TOKENS = 1 << 20;

    private static final int ENCODER_LENGTH = 128;

    /**
     * What a model of this kind learns and answers by.
     *
     * @throws BadInputException        if a setting does not go with the model
     * @throws IllegalArgumentException if a setting is out of range
     */
    public Learner<?> learner(ModelConfig config) {
        Learner<?> learner = config instanceof Seq2SeqConfig ? seq2seq(config) : scoring(config.asEncoder());
        learner.requirePositions(config, Adaptation.frozen());
        return learner;
    }

    private ScoringLearner scoring(EncoderConfig config) {
        refuse("--max-target-length", maxTargetLength, config);
        refuse("--label-smoothing", labelSmoothing, config);
        refuse("--dev-beams", devBeams, config);
        refuse("--beams", beams, config);
        String name = objective == null ? "matching" : objective;
        if (name.equals(Seq2SeqSettings.NAME)) {
            throw new BadInputException("--objective is seq2seq, but the model is a " + config.modelType() + ", an encoder; expected matching or joint.");
        }
        int length = or(maxLength, ENCODER_LENGTH);
        requireBetween("--max-length", length, 1, MOST_TOKENS);
        ScoringSettings settings = new ScoringSettings(ScoringSettings.objective(name), new TextFormat(taskNames, false), length);
        requireBetween("--max-tokens", maxTokens, length, MOST_TOKENS);
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
        requireBetween("--max-length", source, 3, MOST_TOKENS);
        requireBetween("--max-target-length", target, 3, MOST_TOKENS);
        requireBetween("--max-tokens", maxTokens, source, MOST_TOKENS);
        int dev = or(devBeams, CrossFitProtocol.BEAMS);
        int test = or(beams, CrossFitProtocol.BEAMS);
        requireBetween("--dev-beams", dev, 1, GenerationSettings.MOST_BEAMS);
        requireBetween("--beams", test, 1, GenerationSettings.MOST_BEAMS);
        Seq2SeqFormat crossFit = Seq2SeqFormat.CROSSFIT;
        Seq2SeqFormat format = new Seq2SeqFormat(taskNames ? crossFit.prefix() : Prefix.NONE, crossFit.lowerCase(), crossFit.cleanup(), source, target);
        double epsilon = labelSmoothing == null ? CrossFitProtocol.LABEL_SMOOTHING : labelSmoothing;
        return new Seq2SeqLearner(new Seq2SeqSettings(format, epsilon), Seq2SeqCapacity.ofTokens(maxTokens), dev, test);
    }

    private static void requireBetween(String option, int found, int least, int most) {
        if (found < least || found > most) {
            throw new BadInputException(option + " is " + found + "; expected " + least + " to " + most + ".");
        }
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }

    /** How many beams answers are written with, for results, in one order; none when they are scored. */
    public static Map<String, Integer> beams(Learner<?> learner) {
        Map<String, Integer> beams = new LinkedHashMap<>();
        if (learner instanceof Seq2SeqLearner seq2seq) {
            beams.put("dev", seq2seq.devBeams());
            beams.put("test", seq2seq.reportBeams());
        }
        return Collections.unmodifiableMap(beams);
    }
}
