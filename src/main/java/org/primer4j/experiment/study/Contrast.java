package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.Checks;
import org.primer4j.experiment.statistics.Replicates;

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

    static Contrast of(MethodScores scores, Map<String, Double> weights) {
        Set<String> recipes = new LinkedHashSet<>(weights.keySet());
        recipes.add(StudyRun.DIRECT);
        List<String> tasks = scores.tasks(recipes);
        Replicates percent = MethodScores.sum(weights, 100, recipe -> scores.gain(recipe, tasks));
        Replicates score = MethodScores.sum(weights, 1, recipe -> scores.score(recipe, tasks));
        long seed = scores.manifest().seed();
        return new Contrast(scores.method(), weights, tasks.size(), scores.manifest().testTasks().size(),
                Difference.of(percent, seed), Difference.of(score, seed),
                (int) Arrays.stream(score.values()).filter(value -> value > 0).count(),
                (int) Arrays.stream(score.values()).filter(value -> value < 0).count());
    }

    Contrast adjusted(double argP, double scoreP) {
        return new Contrast(method, weights, tasks, planned, arg.adjusted(argP), score.adjusted(scoreP), better, worse);
    }
}
