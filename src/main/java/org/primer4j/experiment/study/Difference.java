package org.primer4j.experiment.study;

import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.statistics.Replicates;
import org.primer4j.experiment.statistics.SignFlipTest;

/**
 * A mean difference over tasks, paired by task and sample.
 *
 * @param value    the mean difference; NaN for no tasks
 * @param interval its 95 % bootstrap interval over tasks and samples
 * @param tasks    number of tasks in the mean: those where it is defined
 * @param pValue   two-sided sign-flip permutation test over tasks; NaN for no tasks
 * @param adjusted the p-value after Holm's correction within its family; as it is for one that is in none
 */
public record Difference(double value, Interval interval, int tasks, double pValue, double adjusted) {

    /** Not adjusted yet. */
    static Difference of(Replicates replicates, long seed) {
        double[] finite = replicates.finite();
        double pValue = SignFlipTest.pValue(finite, seed);
        return new Difference(Arg.mean(finite), replicates.interval95(), finite.length, pValue, pValue);
    }

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
