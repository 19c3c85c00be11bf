package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.statistics.TaskStatistic;

/**
 * The test scores of a study by recipe, method and task. A task counts for a recipe and method when all samples of the
 * study are done: nothing is imputed, and no mean is over fewer samples than another.
 */
final class ScoreTable {

    private record Key(String recipe, String method, String task) {
    }

    private final StudyManifest manifest;
    private final Map<Key, double[]> scores = new HashMap<>();
    private final Map<String, List<StudyRun>> runs = new HashMap<>();

    private ScoreTable(StudyManifest manifest) {
        this.manifest = manifest;
    }

    static ScoreTable of(StudyResults results) {
        ScoreTable table = new ScoreTable(results.manifest());
        Map<Key, List<StudyRun>> samples = new LinkedHashMap<>();
        for (StudyRun run : results.runs()) {
            samples.computeIfAbsent(new Key(run.recipe(), run.method(), run.task()), key -> new ArrayList<>()).add(run);
            table.runs.computeIfAbsent(run.task(), task -> new ArrayList<>()).add(run);
        }
        samples.forEach((key, runs) -> {
            if (runs.size() == results.manifest().samples().size()) {
                table.scores.put(key, runs.stream().mapToDouble(StudyRun::testScore).toArray());
            }
        });
        return table;
    }

    /** The tasks that every one of {@code recipes} has done with every one of {@code methods}, in the manifest's order. */
    List<String> tasks(Collection<String> recipes, List<String> methods) {
        return manifest.testTasks().stream().filter(task -> recipes.stream().allMatch(recipe ->
                methods.stream().allMatch(method -> scores.containsKey(new Key(recipe, method, task))))).toList();
    }

    /** A run of {@code task}, for what all its runs have in common. */
    StudyRun anyRun(String task) {
        return runs.get(task).get(0);
    }

    /** The mean over all runs of {@code task} of what guessing scores. */
    double chance(String task) {
        return Arg.mean(runs.get(task).stream().mapToDouble(StudyRun::chance).toArray());
    }

    /** The recipe's score on each of {@code tasks}, the mean over methods. */
    TaskStatistic score(String recipe, List<String> methods, List<String> tasks) {
        double[][][] after = scores(recipe, methods, tasks);
        return (task, samples) -> {
            double sum = 0;
            for (double[] of : after[task]) {
                sum += mean(of, samples);
            }
            return sum / methods.size();
        };
    }

    /**
     * The recipe's gain relative to direct tuning of the same method on each of {@code tasks}, as a fraction, the mean
     * over methods; not finite where that of one method is not. The mean over tasks is the ARG (see {@link Arg}).
     */
    TaskStatistic gain(String recipe, List<String> methods, List<String> tasks) {
        double[][][] before = scores(StudyRun.DIRECT, methods, tasks);
        double[][][] after = scores(recipe, methods, tasks);
        return (task, samples) -> {
            double sum = 0;
            for (int method = 0; method < after[task].length; method++) {
                double baseline = mean(before[task][method], samples);
                sum += (mean(after[task][method], samples) - baseline) / baseline;
            }
            return sum / methods.size();
        };
    }

    /** [task][method][sample]. */
    private double[][][] scores(String recipe, List<String> methods, List<String> tasks) {
        return tasks.stream().map(task -> methods.stream().map(method -> scores.get(new Key(recipe, method, task)))
                .toArray(double[][]::new)).toArray(double[][][]::new);
    }

    private static double mean(double[] scores, int[] samples) {
        double sum = 0;
        for (int sample : samples) {
            sum += scores[sample];
        }
        return sum / samples.length;
    }
}
