package org.primer4j.experiment;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the results say: each variant primed against unprimed, with the average relative gain, absolute scores and the
 * best unprimed alternative. That alternative is chosen per task by mean dev score among all unprimed variants, the
 * first one run on a tie, as someone without priming would choose; its test score is what priming must beat.
 *
 * @param variants the variants in the order of the runs
 */
public record Summary(List<VariantSummary> variants) {

    /** The summary of {@code results}; its intervals are seeded by the experiment's seed. */
    public static Summary of(Results results) {
        Map<Variant, List<TaskRow>> rows = new LinkedHashMap<>();
        group(results.runs(), RunResult::task).values().forEach(runs -> taskRows(runs)
                .forEach(row -> rows.computeIfAbsent(row.variant(), variant -> new ArrayList<>()).add(row)));
        return new Summary(rows.entrySet().stream()
                .map(entry -> VariantSummary.of(entry.getKey(), entry.getValue(), results.seed())).toList());
    }

    private static List<TaskRow> taskRows(List<RunResult> taskRuns) {
        List<RunResult> best = bestUnprimed(taskRuns);
        List<TaskRow> rows = new ArrayList<>();
        group(taskRuns, Summary::variant).forEach((variant, runs) -> rows.add(row(variant, runs, best)));
        return rows;
    }

    private static TaskRow row(Variant variant, List<RunResult> runs, List<RunResult> best) {
        List<RunResult> unprimed = started(runs, RunResult.UNPRIMED);
        List<RunResult> primed = started(runs, RunResult.PRIMED);
        boolean complete = !unprimed.isEmpty() && samples(unprimed).equals(samples(primed));
        RunResult any = runs.get(0);
        return new TaskRow(any.task(), any.metric(), variant, scores(unprimed), scores(primed), complete,
                mean(runs, RunResult::chance), mean(best, RunResult::testScore),
                best.isEmpty() ? null : variant(best.get(0)));
    }

    private static List<RunResult> bestUnprimed(List<RunResult> taskRuns) {
        List<RunResult> best = List.of();
        for (List<RunResult> runs : group(started(taskRuns, RunResult.UNPRIMED), Summary::variant).values()) {
            if (best.isEmpty() || mean(runs, RunResult::devScore) > mean(best, RunResult::devScore)) {
                best = runs;
            }
        }
        return best;
    }

    private static List<RunResult> started(List<RunResult> runs, String start) {
        return runs.stream().filter(run -> run.start().equals(start))
                .sorted(Comparator.comparingInt(RunResult::sample)).toList();
    }

    private static List<Integer> samples(List<RunResult> runs) {
        return runs.stream().map(RunResult::sample).toList();
    }

    private static List<Double> scores(List<RunResult> runs) {
        return runs.stream().map(RunResult::testScore).toList();
    }

    private static double mean(List<RunResult> runs, Function<RunResult, Double> score) {
        return runs.isEmpty() ? Double.NaN : runs.stream().collect(averagingDouble(score::apply));
    }

    private static Variant variant(RunResult run) {
        return new Variant(run.method(), run.objective());
    }

    private static <K> Map<K, List<RunResult>> group(List<RunResult> runs, Function<RunResult, K> key) {
        return runs.stream().collect(groupingBy(key, LinkedHashMap::new, toList()));
    }
}
