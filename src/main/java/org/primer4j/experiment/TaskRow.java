package org.primer4j.experiment;

import java.util.List;

/**
 * One task under one variant, primed against unprimed. Scores are test scores in the task's metric, means over samples.
 *
 * @param task            the task's name
 * @param metric          its metric
 * @param variant         method and objective
 * @param unprimedScores  the samples' test scores from the unprimed start, by sample seed; may be empty
 * @param primedScores    the same from the primed start
 * @param complete        whether both starts were run, and on the same samples; only such rows are averaged
 * @param chance          mean score of the majority label or of random choice
 * @param bestUnprimed    mean test score of the unprimed variant with the best mean dev score, NaN if none was run
 * @param bestUnprimedOf  that variant, null if none was run
 */
public record TaskRow(String task, String metric, Variant variant, List<Double> unprimedScores,
                      List<Double> primedScores, boolean complete, double chance, double bestUnprimed,
                      Variant bestUnprimedOf) {

    public TaskRow {
        unprimedScores = List.copyOf(unprimedScores);
        primedScores = List.copyOf(primedScores);
    }

    /** Mean unprimed score, NaN if there was no such run. */
    public double unprimed() {
        return mean(unprimedScores);
    }

    /** Mean primed score, NaN if there was no such run. */
    public double primed() {
        return mean(primedScores);
    }

    /** (primed - unprimed) / unprimed in percent; NaN or infinite where that is undefined. */
    public double gain() {
        return 100 * (primed() - unprimed()) / unprimed();
    }

    /** (primed - best unprimed) / best unprimed in percent; NaN or infinite where that is undefined. */
    public double gainOverBest() {
        return 100 * (primed() - bestUnprimed) / bestUnprimed;
    }

    private static double mean(List<Double> scores) {
        return scores.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
