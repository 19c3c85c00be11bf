package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.primer4j.experiment.Checks;
import org.primer4j.experiment.statistics.TaskStatistic;

/**
 * A weighted sum of recipes, as one recipe minus another, over the tasks that all of them and direct tuning have done.
 *
 * @param method  the method, null for the mean over all methods
 * @param weights the recipes' weights, positive ones adding up to 1 and negative ones to -1
 * @param tasks   number of tasks
 * @param planned number of tasks of the whole study
 * @param arg     the sum in terms of ARG, in percentage points
 * @param score   the sum in terms of the mean score
 * @param better  number of tasks where the sum of scores is positive
 * @param worse   number of tasks where it is negative
 */
public record Contrast(String method, Map<String, Double> weights, int tasks, int planned, Difference arg, Difference score,
                       int better, int worse) {

    public Contrast {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(Checks.present("weights", weights)));
    }

    static Contrast of(ScoreTable table, StudyManifest manifest, Draws draws, String method, Map<String, Double> weights) {
        List<String> methods = method == null ? manifest.methods() : List.of(method);
        Set<String> recipes = new LinkedHashSet<>(weights.keySet());
        recipes.add(StudyRun.DIRECT);
        List<String> tasks = table.tasks(recipes, methods);
        TaskStatistic percent = sum(weights, 100, recipe -> table.gain(recipe, methods, tasks));
        TaskStatistic score = sum(weights, 1, recipe -> table.score(recipe, methods, tasks));
        double[] scores = draws.values(tasks.size(), score);
        return new Contrast(method, weights, tasks.size(), manifest.testTasks().size(), draws.difference(tasks.size(), percent),
                draws.difference(tasks.size(), score), (int) Arrays.stream(scores).filter(value -> value > 0).count(),
                (int) Arrays.stream(scores).filter(value -> value < 0).count());
    }

    private static TaskStatistic sum(Map<String, Double> weights, double unit, Function<String, TaskStatistic> of) {
        TaskStatistic[] terms = weights.keySet().stream().map(of).toArray(TaskStatistic[]::new);
        double[] factors = weights.values().stream().mapToDouble(weight -> unit * weight).toArray();
        return (task, samples) -> {
            double sum = 0;
            for (int i = 0; i < terms.length; i++) {
                sum += factors[i] * terms[i].of(task, samples);
            }
            return sum;
        };
    }

    Contrast adjusted(double argP, double scoreP) {
        return new Contrast(method, weights, tasks, planned, arg.adjusted(argP), score.adjusted(scoreP), better, worse);
    }
}
