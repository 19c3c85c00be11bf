package org.primer4j.cli;

import org.primer4j.priming.PrimingSettings;
import org.primer4j.training.TrainingSettings;
import picocli.CommandLine.Option;

/** How a model is primed. */
final class PrimingOptions {

    @Option(names = "--steps", paramLabel = "N", defaultValue = "1200", description = "Optimizer steps (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "16", description = "Rows a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--rate", paramLabel = "X", defaultValue = "1e-4", description = "Learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--warmup", paramLabel = "X", defaultValue = "0.06", description = "Share of the steps in which the rate rises (default: ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1", description = "Dropout in the encoder (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(names = "--decay", paramLabel = "X", defaultValue = "0.01", description = "Weight decay (default: ${DEFAULT-VALUE}).")
    private double decay;

    @Option(names = "--clip", paramLabel = "X", defaultValue = "1", description = "Largest gradient norm, 0 for none (default: ${DEFAULT-VALUE}).")
    private double clip;

    @Option(names = "--embeddings", negatable = true, fallbackValue = "true",
        description = "Whether the embedding tables move as well (default: false; true for a model that writes, as in CrossFit).")
    private Boolean embeddings;

    /** @param writes whether the model writes its answers */
    PrimingSettings settings(boolean writes) {
        Valid.positive("--rate", rate);
        Valid.probability("--dropout", dropout);
        Valid.notNegative("--decay", decay);
        Valid.notNegative("--clip", clip);
        return Valid.of(() -> new PrimingSettings(new TrainingSettings(steps, warmup, dropout, decay, clip), batch, rate,
            embeddings == null ? writes : embeddings));
    }
}
