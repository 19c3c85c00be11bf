package org.primer4j.experiment.study.run;

import java.util.List;
import org.primer4j.training.CurvePoint;

/**
 * What a tuning cell keeps.
 *
 * @param type      the task's type
 * @param metric    the task's metric
 * @param rate      the chosen learning rate
 * @param batch     the chosen rows a step
 * @param devScore  its dev score
 * @param testScore its test score
 * @param chance    the score without looking at the inputs
 * @param undefined scores without a value
 * @param diverged  runs that ended early
 * @param curve     of the chosen run, thinned
 * @param examples  rows trained on in all runs, repeats counted
 * @param seconds   wall time of all runs
 * @param bytes     native memory of programs, parameters and frozen weights
 */
record TuningOutcome(String type, String metric, double rate, int batch, double devScore, double testScore, double chance, int undefined, int diverged,
                     List<CurvePoint> curve, long examples, double seconds, long bytes) {
}
