package org.primer4j.experiment.study;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.primer4j.experiment.statistics.Replicates;
import org.primer4j.experiment.statistics.Resamples;
import org.primer4j.experiment.statistics.TaskStatistic;

/** All recipes' scores with one method, or the mean over all methods, and their seeded bootstrap replicates, made once. */
final class MethodScores {

    private record Key(boolean gain, String recipe, List<String> tasks) {
    }

    private final ScoreTable table;
    private final StudyManifest manifest;
    private final String method;
    private final List<String> methods;
    private final Map<Integer, Resamples> resamples = new HashMap<>();
    private final Map<Key, Replicates> replicates = new HashMap<>();

    /** @param method null for the mean over all methods */
    MethodScores(ScoreTable table, StudyManifest manifest, String method) {
        this.table = table;
        this.manifest = manifest;
        this.method = method;
        methods = method == null ? manifest.methods() : List.of(method);
    }

    StudyManifest manifest() {
        return manifest;
    }

    String method() {
        return method;
    }

    ScoreTable table() {
        return table;
    }

    /** The tasks that every one of {@code recipes} has done. */
    List<String> tasks(Collection<String> recipes) {
        return table.tasks(recipes, methods);
    }

    /** The recipe's score on each of {@code tasks}. */
    TaskStatistic scoreByTask(String recipe, List<String> tasks) {
        return table.score(recipe, methods, tasks);
    }

    Replicates score(String recipe, List<String> tasks) {
        return replicates.computeIfAbsent(new Key(false, recipe, tasks), key -> replicates(tasks, scoreByTask(recipe, tasks)));
    }

    /** The recipe's gain relative to direct tuning, as a fraction. */
    Replicates gain(String recipe, List<String> tasks) {
        return replicates.computeIfAbsent(new Key(true, recipe, tasks), key -> replicates(tasks, table.gain(recipe, methods, tasks)));
    }

    private Replicates replicates(List<String> tasks, TaskStatistic statistic) {
        return Replicates.of(tasks.size(), count -> resamples.computeIfAbsent(count,
                drawn -> Resamples.of(drawn, manifest.samples().size(), manifest.seed())), statistic);
    }

    /** The recipes' weighted sum in units of 1 / {@code unit}. */
    static Replicates sum(Map<String, Double> weights, double unit, Function<String, Replicates> of) {
        return Replicates.sum(weights.keySet().stream().map(of).toList(),
                weights.values().stream().mapToDouble(weight -> unit * weight).toArray());
    }
}
