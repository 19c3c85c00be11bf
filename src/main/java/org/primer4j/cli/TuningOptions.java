package org.primer4j.cli;

import java.util.List;
import org.primer4j.training.TrainingSettings;
import org.primer4j.training.TuningSettings;
import picocli.CommandLine.Option;

/** How adapters are tuned. */
final class TuningOptions {

    @Option(names = "--steps", paramLabel = "N", defaultValue = "48", description = "Optimizer steps for each rate (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = {"--batch", "--batches"}, paramLabel = "N", split = ",", defaultValue = "8",
        description = "Rows a step; each of several is tried with each rate (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches;

    @Option(names = "--rates", paramLabel = "X", split = ",", defaultValue = "1e-3",
        description = "Learning rates; the one with the best dev score is kept (default: ${DEFAULT-VALUE}).")
    private List<Double> rates;

    @Option(names = "--warmup", paramLabel = "X", defaultValue = "0.1", description = "Share of the steps in which the rate rises (default: ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(names = "--evaluate-every", paramLabel = "N", defaultValue = "16", description = "Steps between dev scores (default: ${DEFAULT-VALUE}).")
    private int evaluateEvery;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1", description = "Dropout in the encoder (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(names = "--decay", paramLabel = "X", defaultValue = "0.01", description = "Weight decay (default: ${DEFAULT-VALUE}).")
    private double decay;

    @Option(names = "--clip", paramLabel = "X", defaultValue = "1", description = "Largest gradient norm, 0 for none (default: ${DEFAULT-VALUE}).")
    private double clip;

    TuningSettings settings() {
        Valid.distinct("--rates", rates).forEach(rate -> Valid.positive("--rates", rate));
        Valid.distinct("--batch", batches).forEach(batch -> Valid.atLeast("--batch", batch, 1));
        Valid.probability("--dropout", dropout);
        Valid.notNegative("--decay", decay);
        Valid.notNegative("--clip", clip);
        return Valid.of(() -> new TuningSettings(new TrainingSettings(steps, warmup, dropout, decay, clip), rates, batches, evaluateEvery));
    }
}
