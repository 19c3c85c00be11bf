package org.primer4j.experiment.study;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.statistics.TaskStatistic;

/**
 * What one recipe achieves with one method: a cell of the study's matrix.
 *
 * @param recipe        the recipe, {@link StudyRun#DIRECT} for the baseline itself
 * @param method        the method, null for the mean over all methods
 * @param planned       number of tasks of the whole study
 * @param tasks         the tasks done on all samples, in the manifest's order
 * @param score         mean score over these, NaN for none
 * @param scoreInterval its 95 % interval over tasks and samples
 * @param gain          against direct tuning; null for direct tuning itself
 * @param gainByType    the same among the tasks of one kind, by kind; empty for direct tuning itself
 */
public record RecipeResult(String recipe, String method, int planned, List<TaskResult> tasks, double score,
                           Interval scoreInterval, Gain gain, Map<String, Gain> gainByType) {

    public RecipeResult {
        tasks = List.copyOf(tasks);
        gainByType = Collections.unmodifiableMap(new LinkedHashMap<>(gainByType));
    }

    static RecipeResult of(ScoreTable table, StudyManifest manifest, Draws draws, String recipe, String method) {
        List<String> methods = method == null ? manifest.methods() : List.of(method);
        List<String> tasks = table.tasks(List.of(recipe), methods);
        List<String> paired = table.tasks(List.of(recipe, StudyRun.DIRECT), methods);
        TaskStatistic score = table.score(recipe, methods, tasks);
        boolean primed = !recipe.equals(StudyRun.DIRECT);
        return new RecipeResult(recipe, method, manifest.testTasks().size(),
                taskResults(table, manifest.samples().size(), recipe, methods, tasks, paired),
                Arg.mean(draws.values(tasks.size(), score)), draws.interval(tasks.size(), score),
                primed ? Gain.of(table, draws, recipe, methods, paired) : null,
                primed ? byType(table, draws, recipe, methods, paired) : Map.of());
    }

    private static List<TaskResult> taskResults(ScoreTable table, int samples, String recipe, List<String> methods,
                                                List<String> tasks, List<String> paired) {
        TaskStatistic scores = table.score(recipe, methods, tasks);
        TaskStatistic direct = table.score(StudyRun.DIRECT, methods, paired);
        return IntStream.range(0, tasks.size()).mapToObj(i -> {
            StudyRun any = table.anyRun(tasks.get(i));
            int baseline = paired.indexOf(tasks.get(i));
            return new TaskResult(any.task(), any.type(), any.metric(), table.chance(any.task()), bySample(scores, i, samples),
                    baseline < 0 ? List.of() : bySample(direct, baseline, samples));
        }).toList();
    }

    private static List<Double> bySample(TaskStatistic score, int task, int samples) {
        return IntStream.range(0, samples).mapToObj(sample -> score.of(task, new int[] {sample})).toList();
    }

    private static Map<String, Gain> byType(ScoreTable table, Draws draws, String recipe, List<String> methods, List<String> tasks) {
        Map<String, Gain> gains = new LinkedHashMap<>();
        tasks.stream().collect(groupingBy(task -> table.anyRun(task).type(), LinkedHashMap::new, toList()))
                .forEach((type, ofType) -> gains.put(type, Gain.of(table, draws, recipe, methods, ofType)));
        return gains;
    }

    /** Whether all tasks of the study are done, for the recipe and for direct tuning. */
    public boolean complete() {
        return gain == null ? tasks.size() == planned : gain.tasks() == planned;
    }
}
