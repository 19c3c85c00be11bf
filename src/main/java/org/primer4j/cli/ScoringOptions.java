package org.primer4j.cli;

import org.primer4j.model.io.ModelConfig;
import org.primer4j.training.Learner;
import org.primer4j.training.TextChoice;
import picocli.CommandLine.Option;

/** How texts are read, and answers scored or written. */
final class ScoringOptions {

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
        return Valid.of(() -> new TextChoice(objective, taskNames, maxLength, maxTargetLength, smoothing, devBeams, beams, maxTokens).learner(config));
    }
}
