package org.primer4j.experiment.study;

import org.primer4j.experiment.Interval;

/**
 * A mean difference over tasks, paired by task and sample.
 *
 * @param value    the mean difference; NaN for no tasks
 * @param interval its 95 % bootstrap interval over tasks and samples
 * @param tasks    number of tasks in the mean: those where it is defined
 * @param pValue   two-sided sign-flip permutation test over tasks; NaN for no tasks
 * @param adjusted the p-value after Holm's correction within its family
 */
public record Difference(double value, Interval interval, int tasks, double pValue, double adjusted) {

    Difference adjusted(double corrected) {
        return new Difference(value, interval, tasks, pValue, corrected);
    }

    /** What the interval says of the statement that the difference is positive. */
    public Verdict verdict() {
        if (!interval.isDefined() || interval.low() <= 0 && interval.high() >= 0) {
            return Verdict.UNDECIDED;
        }
        return interval.low() > 0 ? Verdict.SUPPORTED : Verdict.CONTRADICTED;
    }
}
