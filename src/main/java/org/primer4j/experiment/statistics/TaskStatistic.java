package org.primer4j.experiment.statistics;

/** A number that one task gives, computed from some of its few-shot samples. */
@FunctionalInterface
public interface TaskStatistic {

    /**
     * The task's number; NaN or infinite where it has none.
     *
     * @param task    the task's index
     * @param samples indices of the samples to compute from, possibly with repeats
     */
    double of(int task, int[] samples);
}
