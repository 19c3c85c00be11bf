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
import org.primer4j.experiment.statistics.Replicates;
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

    static RecipeResult of(MethodScores scores, String recipe) {
        List<String> tasks = scores.tasks(List.of(recipe));
        List<String> paired = scores.tasks(List.of(recipe, StudyRun.DIRECT));
        Replicates score = scores.score(recipe, tasks);
        boolean primed = !recipe.equals(StudyRun.DIRECT);
        return new RecipeResult(recipe, scores.method(), scores.manifest().testTasks().size(),
                taskResults(scores, recipe, tasks, paired), Arg.mean(score.values()), score.interval95(),
                primed ? Gain.of(scores, recipe, paired) : null, primed ? byType(scores, recipe, paired) : Map.of());
    }

    private static List<TaskResult> taskResults(MethodScores scores, String recipe, List<String> tasks, List<String> paired) {
        int samples = scores.manifest().samples().size();
        TaskStatistic primed = scores.scoreByTask(recipe, tasks);
        TaskStatistic direct = scores.scoreByTask(StudyRun.DIRECT, paired);
        return IntStream.range(0, tasks.size()).mapToObj(i -> {
            StudyRun any = scores.table().anyRun(tasks.get(i));
            int baseline = paired.indexOf(tasks.get(i));
            return new TaskResult(any.task(), any.type(), any.metric(), scores.table().chance(any.task()),
                    bySample(primed, i, samples), baseline < 0 ? List.of() : bySample(direct, baseline, samples));
        }).toList();
    }

    private static List<Double> bySample(TaskStatistic score, int task, int samples) {
        return IntStream.range(0, samples).mapToObj(sample -> score.of(task, new int[] {sample})).toList();
    }

    private static Map<String, Gain> byType(MethodScores scores, String recipe, List<String> tasks) {
        Map<String, Gain> gains = new LinkedHashMap<>();
        tasks.stream().collect(groupingBy(task -> scores.table().anyRun(task).type(), LinkedHashMap::new, toList()))
                .forEach((type, ofType) -> gains.put(type, Gain.of(scores, recipe, ofType)));
        return gains;
    }

    /** Whether all tasks of the study are done, for the recipe and for direct tuning. */
    public boolean complete() {
        return gain == null ? tasks.size() == planned : gain.tasks() == planned;
    }
}
