package org.primer4j.experiment.study.run;

import java.util.List;
import org.primer4j.training.CurvePoint;

/**
 * What a priming cell keeps beside its parameters.
 *
 * @param tasks    number of train tasks
 * @param steps    outer steps done
 * @param bestStep the step whose parameters were kept
 * @param curve    loss and dev score over the steps
 * @param examples rows read, repeats counted
 * @param tokens   tokens read
 * @param seconds  wall time
 * @param bytes    native memory of programs, parameters and frozen weights
 */
record PrimingOutcome(int tasks, int steps, int bestStep, List<CurvePoint> curve, long examples, long tokens, double seconds, long bytes) {
}
