package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a study says so far, computed from its results alone: the same results give the same summary. Where a method is
 * null, values are means over all methods.
 *
 * @param manifest    what the study consists of
 * @param runs        number of tuning runs done
 * @param recipes     direct tuning, then the recipes in the manifest's order
 * @param results     every recipe, for every method and then for the mean over methods
 * @param comparisons every pair of recipes, the later minus the earlier one, with every method and with the mean over
 *                    methods; the p-values of one method are one family
 * @param convergence every recipe with every method against direct tuning
 * @param findings    the statements of arXiv 2212.01032
 */
public record StudySummary(StudyManifest manifest, int runs, List<String> recipes, List<RecipeResult> results,
                           List<Contrast> comparisons, List<Convergence> convergence, List<Finding> findings) {

    public StudySummary {
        recipes = List.copyOf(recipes);
        results = List.copyOf(results);
        comparisons = List.copyOf(comparisons);
        convergence = List.copyOf(convergence);
        findings = List.copyOf(findings);
    }

    /** The summary of {@code results}; seeded by the study's seed. */
    public static StudySummary of(StudyResults results) {
        StudyManifest manifest = results.manifest();
        ScoreTable table = ScoreTable.of(results);
        List<RecipeResult> found = new ArrayList<>();
        List<Contrast> comparisons = new ArrayList<>();
        for (String method : manifest.methods()) {
            add(new MethodScores(table, manifest, method), found, comparisons);
        }
        MethodScores overall = new MethodScores(table, manifest, null);
        add(overall, found, comparisons);
        return new StudySummary(manifest, results.runs().size(), recipes(manifest), found, comparisons,
                convergence(results), Findings.of(results, overall));
    }

    private static void add(MethodScores scores, List<RecipeResult> found, List<Contrast> comparisons) {
        List<String> recipes = recipes(scores.manifest());
        recipes.forEach(recipe -> found.add(RecipeResult.of(scores, recipe)));
        comparisons.addAll(Comparisons.pairs(scores, recipes));
    }

    private static List<String> recipes(StudyManifest manifest) {
        return Stream.concat(Stream.of(StudyRun.DIRECT), manifest.recipes().stream()).toList();
    }

    private static List<Convergence> convergence(StudyResults results) {
        StudyManifest manifest = results.manifest();
        return manifest.recipes().stream().flatMap(recipe -> manifest.methods().stream()
                .map(method -> Convergence.of(results, recipe, method))).toList();
    }

    /**
     * The result of a recipe with a method, null for the mean over methods.
     *
     * @throws IllegalArgumentException if the study has no such recipe or method
     */
    public RecipeResult result(String recipe, String method) {
        return results.stream().filter(result -> result.recipe().equals(recipe) && Objects.equals(result.method(), method))
                .findFirst().orElseThrow(() -> new IllegalArgumentException(
                        "found recipe %s with method %s, expected one of the study's".formatted(recipe, method)));
    }

    /** The comparisons with a method, null for the mean over methods. */
    public List<Contrast> comparisons(String method) {
        return comparisons.stream().filter(contrast -> Objects.equals(contrast.method(), method)).toList();
    }

    /** The tasks whose baseline, direct tuning with the method, is negative: there a better score is a negative relative gain. */
    public List<TaskResult> negativeBaselines(String method) {
        return result(StudyRun.DIRECT, method).tasks().stream().filter(task -> task.score() < 0).toList();
    }

    /** The recipe with the highest ARG, the mean over methods, among those that have all tasks; empty if none has. */
    public Optional<RecipeResult> bestByArg() {
        return best(result -> result.gain().arg().skippingUndefined());
    }

    /** The recipe with the highest mean score, the mean over methods, among those that have all tasks; empty if none has. */
    public Optional<RecipeResult> bestByScore() {
        return best(RecipeResult::score);
    }

    private Optional<RecipeResult> best(ToDoubleFunction<RecipeResult> measure) {
        return results.stream().filter(result -> result.method() == null && result.gain() != null && result.complete())
                .filter(result -> !Double.isNaN(measure.applyAsDouble(result))).max(Comparator.comparingDouble(measure));
    }
}
