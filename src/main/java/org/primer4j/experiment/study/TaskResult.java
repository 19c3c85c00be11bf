package org.primer4j.experiment.study;

import java.util.List;
import org.primer4j.experiment.Arg;

/**
 * A recipe on one task, with one method or the mean over all methods. Scores are test scores in the task's metric.
 *
 * @param task   the task's name
 * @param type   its kind
 * @param metric its metric
 * @param chance score of the majority label or of random choice, the mean over the runs done
 * @param scores the recipe's scores, one a sample in the manifest's order
 * @param direct the same by direct tuning; empty where not all are done
 */
public record TaskResult(String task, String type, String metric, double chance, List<Double> scores, List<Double> direct) {

    public TaskResult {
        scores = List.copyOf(scores);
        direct = List.copyOf(direct);
    }

    /** The recipe's mean score. */
    public double score() {
        return Arg.mean(scores.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
