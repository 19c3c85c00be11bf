package org.primer4j.training;

import java.util.List;

/**
 * How adapters are tuned, as a command line or an experiment's file says it: a protocol, and what differs from it. What is
 * null takes the protocol's number.
 *
 * @param protocol      what the others default to
 * @param steps         optimizer steps for each rate and batch
 * @param rates         learning rates; the one with the best dev score is kept
 * @param batches       rows a step, each of several tried with each rate
 * @param warmup        share of the steps in which the rate rises
 * @param evaluateEvery steps between dev scores
 * @param dropout       probability in the model
 * @param decay         weight decay
 * @param clip          largest gradient norm, 0 for none
 */
public record TuningChoice(Protocol protocol, Integer steps, List<Double> rates, List<Integer> batches, double warmup, Integer evaluateEvery,
                           double dropout, double decay, Double clip) {

    /** A few steps with one setting, or {@link CrossFitProtocol CrossFit's}. */
    public enum Protocol { quick, crossfit }

    /**
     * The settings that a method is tuned with.
     *
     * @throws org.primer4j.BadInputException if the method has no default learning rates and none are given
     * @throws IllegalArgumentException       if a number is out of its range
     */
    public TuningSettings settings(String methodName) {
        TrainingSettings training = new TrainingSettings(or(steps, CrossFitProtocol.STEPS, 48), warmup, dropout, decay, or(clip, CrossFitProtocol.CLIP, 1.0));
        return new TuningSettings(training, grid(methodName), or(evaluateEvery, CrossFitProtocol.EVALUATE_EVERY, 16));
    }

    private TuningGrid grid(String methodName) {
        List<Double> tried = rates != null ? rates : isCrossFit() ? TuningGrid.forMethod(methodName).rates() : List.of(1e-3);
        return new TuningGrid(tried, or(batches, TuningGrid.CROSSFIT_BATCHES, List.of(8)));
    }

    public boolean isCrossFit() {
        return protocol == Protocol.crossfit;
    }

    private <T> T or(T given, T crossFit, T quick) {
        return given != null ? given : isCrossFit() ? crossFit : quick;
    }
}
