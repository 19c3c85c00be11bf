package org.primer4j.experiment;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A variant over all its complete task rows.
 *
 * @param variant      method and objective
 * @param rows         its task rows in the order of the runs, incomplete ones too
 * @param tasks        number of complete rows, which the rest is computed from
 * @param unprimed     mean unprimed score over tasks, NaN for no tasks
 * @param primed       mean primed score over tasks
 * @param bestUnprimed mean over tasks of the best unprimed alternative
 * @param gain         gain over the same variant unprimed
 * @param gainOverBest gain over each task's best unprimed alternative
 * @param wins         tasks where primed scores above unprimed
 * @param losses       tasks where primed scores below unprimed
 */
public record VariantSummary(Variant variant, List<TaskRow> rows, int tasks, double unprimed, double primed,
                             double bestUnprimed, Arg gain, Arg gainOverBest, int wins, int losses) {

    static VariantSummary of(Variant variant, List<TaskRow> rows, long seed) {
        List<TaskRow> complete = rows.stream().filter(TaskRow::complete).toList();
        double[] unprimed = complete.stream().mapToDouble(TaskRow::unprimed).toArray();
        double[] primed = complete.stream().mapToDouble(TaskRow::primed).toArray();
        double[] best = complete.stream().mapToDouble(TaskRow::bestUnprimed).toArray();
        int wins = (int) complete.stream().filter(row -> row.primed() > row.unprimed()).count();
        int losses = (int) complete.stream().filter(row -> row.primed() < row.unprimed()).count();
        return new VariantSummary(variant, List.copyOf(rows), complete.size(), Arg.mean(unprimed), Arg.mean(primed),
                Arg.mean(best), Arg.of(unprimed, primed, seed), Arg.of(best, primed, seed), wins, losses);
    }

    /** Whether all tasks were run from the same single start, so that there is nothing to compare. */
    public boolean oneStart() {
        return rows.stream().allMatch(row -> Double.isNaN(row.primed())) || rows.stream().allMatch(row -> Double.isNaN(row.unprimed()));
    }

    /** Mean of a score over all tasks; NaN when one lacks it. */
    public double mean(ToDoubleFunction<TaskRow> score) {
        return Arg.mean(rows.stream().mapToDouble(score).toArray());
    }

    /** Number of rows left out because a start or some of its samples were not run. */
    public int incomplete() {
        return rows.size() - tasks;
    }
}
