package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primer4j.Format;
import org.primer4j.experiment.Arg;

/** The tables of a study. */
final class StudyGrids {

    private static final String ALL_METHODS = "all methods";
    private static final List<String> GAIN_COLUMNS = List.of("tasks", "direct", "primed", "difference", "95 % interval", "ARG", "95 % interval",
            "one task out", "most influential", "skipped", "better", "worse");

    private final StudySummary summary;
    /** Columns of the matrix; null is the mean over methods, which one method alone is itself. */
    private final List<String> columns;
    private final String overall;

    private StudyGrids(StudySummary summary) {
        this.summary = summary;
        overall = summary.manifest().methods().size() == 1 ? summary.manifest().methods().get(0) : ALL_METHODS;
        columns = new ArrayList<>(summary.manifest().methods());
        if (columns.size() > 1) {
            columns.add(null);
        }
    }

    static List<Grid> of(StudySummary summary) {
        StudyGrids grids = new StudyGrids(summary);
        return List.of(grids.argMatrix(), grids.scoreMatrix(), grids.gains(), grids.types(), grids.tasks(), grids.comparisons(),
                grids.convergence(), grids.findings());
    }

    private Grid argMatrix() {
        return matrix("ARG", summary.manifest().recipes(), result -> Format.gain(result.gain().arg().skippingUndefined()),
                "Average relative gain over direct tuning with the same method; it is ruled by tasks whose baseline is near 0."
                        + negativeBaselines());
    }

    private String negativeBaselines() {
        String found = summary.manifest().methods().stream().flatMap(method -> summary.negativeBaselines(method).stream()
                .map(task -> "%s with %s (%s)".formatted(task.task(), method, Format.score(task.score())))).collect(Collectors.joining(", "));
        return found.isEmpty() ? "" : " A negative baseline turns the sign of the gain round: " + found + ".";
    }

    private Grid scoreMatrix() {
        return matrix("Mean test score", summary.recipes(), result -> Format.score(result.score()),
                "Mean over tasks of the mean over samples, in the tasks' metrics.");
    }

    private Grid matrix(String title, List<String> recipes, Function<RecipeResult, String> cell, String note) {
        List<String> header = new ArrayList<>(List.of("recipe"));
        columns.forEach(method -> header.add(shown(method)));
        return new Grid(title, 1, header, recipes.stream().map(recipe -> Stream.concat(Stream.of(recipe), columns.stream()
                .map(method -> counted(summary.result(recipe, method), cell))).toList()).toList(), note);
    }

    /** With the number of tasks where some are missing. */
    private static String counted(RecipeResult result, Function<RecipeResult, String> cell) {
        int tasks = result.gain() == null ? result.tasks().size() : result.gain().tasks();
        if (tasks == 0) {
            return "-";
        }
        return cell.apply(result) + (result.complete() ? "" : " (" + tasks + " of " + result.planned() + ")");
    }

    private Grid gains() {
        return new Grid("Gain over direct tuning", 2, gainHeader("recipe", "method"),
                summary.manifest().recipes().stream().flatMap(recipe -> columns.stream().map(method -> gainRow(
                        List.of(recipe, shown(method)), summary.result(recipe, method).gain(), summary.manifest().testTasks().size()))).toList(),
                "Intervals are bootstraps over tasks and samples. One task out: the least and greatest ARG with one task left out; leaving out the "
                        + "most influential one changes it most. Skipped in the ARG: tasks with a baseline of 0.");
    }

    private static List<String> gainHeader(String... names) {
        return Stream.concat(Stream.of(names), GAIN_COLUMNS.stream()).toList();
    }

    private Grid types() {
        List<List<String>> rows = new ArrayList<>();
        summary.manifest().recipes().forEach(recipe -> summary.result(recipe, null).gainByType().forEach((type, gain) ->
                rows.add(gainRow(List.of(recipe, type), gain, gain.tasks()))));
        return new Grid("Gain by type of task, " + overall, 2, gainHeader("recipe", "type"), rows, "");
    }

    private static List<String> gainRow(List<String> names, Gain gain, int planned) {
        Arg arg = gain.arg();
        return Stream.concat(names.stream(), Stream.of(counted(gain.tasks(), planned), Format.score(gain.direct()),
                Format.score(gain.primed()), Format.difference(gain.difference()), Format.differenceInterval(gain.differenceInterval()),
                Format.gain(arg.skippingUndefined()), Format.interval(arg.interval()), Format.interval(gain.leaveOneOut().range()),
                Objects.requireNonNullElse(gain.leaveOneOut().mostInfluential(), "-"), String.valueOf(arg.skipped()),
                String.valueOf(gain.better()), String.valueOf(gain.worse()))).toList();
    }

    private static String counted(int tasks, int planned) {
        return tasks == planned ? String.valueOf(tasks) : tasks + " of " + planned;
    }

    private Grid tasks() {
        Map<String, Map<String, TaskResult>> byRecipe = summary.recipes().stream().collect(Collectors.toMap(recipe -> recipe,
                recipe -> summary.result(recipe, null).tasks().stream().collect(Collectors.toMap(TaskResult::task, task -> task))));
        List<String> header = new ArrayList<>(List.of("task", "metric", "guessing"));
        header.addAll(summary.recipes());
        return new Grid("Test score by task, " + overall, 2, header, summary.manifest().testTasks().stream()
                .map(task -> taskRow(task, summary.recipes().stream().map(recipe -> byRecipe.get(recipe).get(task)).toList())).toList(),
                "Guessing is the majority label or a random choice. A task shows once all methods and samples are done.");
    }

    /** @param results one a recipe, null where the task is not done */
    private static List<String> taskRow(String task, List<TaskResult> results) {
        List<String> row = new ArrayList<>(List.of(task));
        row.addAll(results.stream().filter(result -> result != null).findFirst()
                .map(any -> List.of(any.metric(), Format.score(any.chance()))).orElse(List.of("-", "-")));
        results.forEach(result -> row.add(result == null ? "-" : Format.score(result.score())));
        return row;
    }

    private Grid comparisons() {
        return new Grid("Paired comparison of recipes, " + overall, 2, List.of("recipe", "minus", "tasks", "score", "95 % interval",
                "p", "p (Holm)", "ARG", "95 % interval", "p", "p (Holm)"), summary.comparisons(null).stream().map(pair -> {
                    List<String> names = List.copyOf(pair.weights().keySet());
                    return contrastRow(names, pair);
                }).toList(),
                ("Sign-flip permutation test over tasks; Holm's correction is over all pairs. Differences of ARG are percentage points. "
                        + PValueLimit.of(summary.comparisons(null)).sentence()).strip());
    }

    private static List<String> contrastRow(List<String> names, Contrast contrast) {
        Difference score = contrast.score();
        Difference arg = contrast.arg();
        return Stream.concat(names.stream(), Stream.of(counted(contrast.tasks(), contrast.planned()), Format.difference(score.value()),
                Format.differenceInterval(score.interval()), Format.pValue(score.pValue()), Format.pValue(score.adjusted()),
                Format.gain(arg.value()), Format.interval(arg.interval()), Format.pValue(arg.pValue()), Format.pValue(arg.adjusted()))).toList();
    }

    private Grid convergence() {
        return new Grid("Steps to 90 % of the best dev score", 2, List.of("recipe", "method", "runs", "primed", "direct", "sooner", "later"),
                summary.convergence().stream().map(found -> List.of(found.recipe(), found.method(), String.valueOf(found.runs()),
                        steps(found.steps()), steps(found.directSteps()), String.valueOf(found.sooner()), String.valueOf(found.later()))).toList(),
                "Medians over runs, each towards its own best; sooner and later than direct tuning on the same task and sample.");
    }

    private static String steps(double steps) {
        return Double.isNaN(steps) ? "-" : String.format(Locale.ROOT, "%.0f", steps);
    }

    private Grid findings() {
        List<List<String>> rows = new ArrayList<>();
        for (Finding finding : summary.findings()) {
            finding.parts().forEach((name, part) -> rows.add(verdictRow(name, part)));
            finding.untested().forEach(name -> rows.add(List.of(name, "-", "-", "-", "not tested", "-", "-", "not tested")));
            rows.add(List.of(finding.statement(), "", "", "", finding.byScore().toString(), "", "", finding.byArg().toString()));
        }
        return new Grid("The findings of arXiv 2212.01032 here", 1, List.of("statement", "tasks", "score", "95 % interval", "by score", "ARG",
                "95 % interval", "by ARG"), rows, "Mean over methods, within the same algorithm or tunable. Undecided: the interval has 0 in it.");
    }

    private static List<String> verdictRow(String name, Contrast part) {
        return List.of(name, counted(part.tasks(), part.planned()), Format.difference(part.score().value()),
                Format.differenceInterval(part.score().interval()), part.score().verdict().toString(), Format.gain(part.arg().value()),
                Format.interval(part.arg().interval()), part.arg().verdict().toString());
    }

    private static String shown(String method) {
        return method == null ? ALL_METHODS : method;
    }
}
