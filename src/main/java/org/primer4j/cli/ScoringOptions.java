package org.primer4j.cli;

import org.primer4j.BadInputException;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.training.ScoringLearner;
import picocli.CommandLine.Option;

/** How texts are scored. */
final class ScoringOptions {

    @Option(names = "--objective", paramLabel = "NAME", defaultValue = "matching",
        description = "matching (cosines of embeddings) or joint (input and candidate as one pair) (default: ${DEFAULT-VALUE}).")
    private String objective;

    @Option(names = "--task-names", negatable = true, defaultValue = "true", fallbackValue = "true",
        description = "Whether the task's name stands before every text (default: ${DEFAULT-VALUE}).")
    private boolean taskNames;

    @Option(names = "--max-length", paramLabel = "N", defaultValue = "128", description = "Tokens of a text; longer ones are cut (default: ${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "2048",
        description = "Room for one part of a batch, in tokens; decides the memory (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    ScoringLearner learner() {
        ScoringSettings settings = Valid.of(() ->
            new ScoringSettings(ScoringSettings.objective(objective), new TextFormat(taskNames, false), maxLength));
        Valid.atLeast("--max-tokens", maxTokens, maxLength);
        return new ScoringLearner(settings, Capacity.ofTokens(maxTokens));
    }

    int maxTokens() {
        return maxTokens;
    }

    /** Refuses texts longer than the model reads. */
    static void requirePositions(ScoringSettings scoring, EncoderConfig config) {
        int most = config.maxPositions() - TextInputs.firstPosition(config);
        if (scoring.maxLength() > most) {
            throw new BadInputException("--max-length is " + scoring.maxLength() + "; expected at most " + most + ", the positions this model has.");
        }
    }
}
