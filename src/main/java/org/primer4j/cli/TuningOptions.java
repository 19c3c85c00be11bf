package org.primer4j.cli;

import java.util.List;
import org.primer4j.peft.PeftMethod;
import org.primer4j.training.TuningChoice;
import org.primer4j.training.TuningChoice.Protocol;
import org.primer4j.training.TuningSettings;
import picocli.CommandLine.Option;

/** How adapters are tuned: a protocol, and what differs from it. */
final class TuningOptions {

    @Option(names = "--protocol", paramLabel = "NAME", defaultValue = "quick",
        description = "${COMPLETION-CANDIDATES}: what the options below default to. quick is a few steps with one learning rate; crossfit is the grid"
            + " of each method, 1000 steps and a dev score every 100 (default: ${DEFAULT-VALUE}).")
    private Protocol protocol;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps for each rate and batch (default: 48, crossfit 1000).")
    private Integer steps;

    @Option(names = {"--batch", "--batches"}, paramLabel = "N", split = ",",
        description = "Rows a step; each of several is tried with each rate (default: 8, crossfit 2,4,8).")
    private List<Integer> batches;

    @Option(names = "--rates", paramLabel = "X", split = ",",
        description = "Learning rates; the one with the best dev score is kept (default: 1e-3, crossfit by method).")
    private List<Double> rates;

    @Option(names = "--warmup", paramLabel = "X", defaultValue = "0.1", description = "Share of the steps in which the rate rises (default: ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(names = "--evaluate-every", paramLabel = "N", description = "Steps between dev scores (default: 16, crossfit 100).")
    private Integer evaluateEvery;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1", description = "Dropout in the model (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(names = "--decay", paramLabel = "X", defaultValue = "0.01", description = "Weight decay (default: ${DEFAULT-VALUE}).")
    private double decay;

    @Option(names = "--clip", paramLabel = "X", description = "Largest gradient norm, 0 for none (default: 1, crossfit 0.1).")
    private Double clip;

    boolean isCrossFit() {
        return protocol == Protocol.crossfit;
    }

    /** The settings that a method is tuned with. */
    TuningSettings settings(PeftMethod method) {
        Valid.probability("--dropout", dropout);
        Valid.notNegative("--decay", decay);
        if (clip != null) {
            Valid.notNegative("--clip", clip);
        }
        if (rates != null) {
            Valid.distinct("--rates", rates).forEach(rate -> Valid.positive("--rates", rate));
        }
        if (batches != null) {
            Valid.distinct("--batch", batches).forEach(batch -> Valid.atLeast("--batch", batch, 1));
        }
        TuningChoice choice = new TuningChoice(protocol, steps, rates, batches, warmup, evaluateEvery, dropout, decay, clip);
        return Valid.of(() -> choice.settings(method.methodName()));
    }
}
