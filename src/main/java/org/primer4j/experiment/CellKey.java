package org.primer4j.experiment;

import org.primer4j.Checks;

/**
 * What a cell of a grid is: one training run.
 *
 * @param task the task's name in its gym
 * @param sample the few-shot sample's seed
 * @param rows SHA-256 of what tuning reads of the sample
 * @param method what was tuned, with all of its own settings that differ between cells
 * @param rate learning rate
 * @param batch rows a step
 * @param start where tuning started: {@link RunResult#UNPRIMED} or {@link RunResult#PRIMED}
 * @param seed of start values, dropout and the order of rows
 */
public record CellKey(String task, int sample, String rows, String method, double rate, int batch, String start, long seed) {

    public CellKey {
        Checks.notBlank("task", task);
        Checks.notBlank("rows", rows);
        Checks.notBlank("method", method);
        Checks.finite("rate", rate);
        Checks.notNegative("batch", batch);
        Checks.oneOf("start", start, RunResult.UNPRIMED, RunResult.PRIMED);
    }

    @Override
    public String toString() {
        return "task \"%s\", sample %d, %s, rate %s, batch %d, %s, seed %d".formatted(task, sample, method, rate, batch, start, seed);
    }
}
