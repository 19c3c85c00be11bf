package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.primer4j.Format;
import org.primer4j.experiment.report.HeatMap.Cell;
import org.primer4j.experiment.report.HeatMap.Row;
import org.primer4j.experiment.study.Convergence;
import org.primer4j.experiment.study.Gain;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudySummary;
import org.primer4j.experiment.study.TaskResult;

/** The study's matrices of recipes: gains by method and by type of task, and how soon tuning is nearly done. */
final class StudyMatrices {

    private final Markup page;
    private final StudyManifest manifest;
    private final StudySummary summary;
    private final Map<String, String> descriptions;
    private final List<String> methods;

    StudyMatrices(Markup page, StudyResults results, StudySummary summary) {
        this.page = page;
        this.manifest = results.manifest();
        this.summary = summary;
        descriptions = results.primings().stream().collect(Collectors.toMap(priming -> priming.recipe(),
                priming -> priming.algorithm() + ", tunes " + priming.tune() + (priming.inner() == null ? "" : ", inner " + priming.inner()),
                (first, second) -> first));
        methods = new ArrayList<>(manifest.methods());
        if (methods.size() > 1) {
            methods.add(null);
        }
    }

    void gains() {
        page.open("section", "id", "matrix").element("h2", "Average relative gain (ARG)");
        page.element("p", "Over direct tuning with the same method; below it the 95 % bootstrap interval over tasks and samples. Bold: the "
                + "interval leaves 0 out. Blue is better than direct tuning, orange worse. A cell opens its tasks.", "class", "muted");
        matrix("Average relative gain by recipe and method", this::relative, " %");
        negativeBaselines();
        page.close().open("section").element("h2", "Difference of mean scores");
        page.element("p", "Recipe minus direct tuning on the same tasks, which no weak baseline rules; below it the 95 % interval and the two "
                + "mean scores.", "class", "muted");
        matrix("Difference of mean scores by recipe and method", this::absolute, "");
        page.close();
    }

    private void negativeBaselines() {
        for (String method : manifest.methods()) {
            for (TaskResult task : summary.negativeBaselines(method)) {
                page.open("p", "class", "muted").text("The baseline of ").element("bdi", task.task()).text(" with ").element("bdi", method)
                        .text(" is negative (%s), which turns the sign of its relative gain round.".formatted(Format.score(task.score()))).close();
            }
        }
    }

    void types() {
        Map<String, Integer> types = new TreeMap<>();
        summary.results().stream().filter(result -> result.method() == null)
                .forEach(result -> result.gainByType().forEach((type, gain) -> types.merge(type, gain.tasks(), Math::max)));
        if (types.size() < 2) {
            return;
        }
        page.open("section").element("h2", "Average relative gain by type of task");
        page.element("p", "Means over methods, with 95 % intervals over the tasks of that type and their samples.", "class", "muted");
        draw("Average relative gain by recipe and type of task", types.keySet().stream().map(type -> type + " (" + types.get(type) + ")").toList(),
                recipe -> types.keySet().stream().map(type -> relative(summary.result(recipe, null).gainByType().get(type),
                        types.get(type), null)).toList(), " %");
        page.close();
    }

    void convergence() {
        page.open("section").element("h2", "Convergence");
        page.element("p", "Median tuning step with 90 % of the run's best dev score, direct tuning's below it; then in how many pairs of runs "
                + "(same task and sample) the recipe is there sooner and later. The scale is of steps saved: blue is sooner than direct tuning.", "class", "muted");
        draw("Steps to 90 % of the best dev score", manifest.methods(), recipe -> summary.convergence().stream()
                .filter(convergence -> convergence.recipe().equals(recipe)).map(StudyMatrices::steps).toList(),
                " %");
        page.close();
    }

    private void matrix(String label, GainCell cell, String unit) {
        List<String> columns = methods.stream().map(method -> method == null ? "all methods" : method).toList();
        draw(label, columns, recipe -> methods.stream().map(method -> cell.of(summary.result(recipe, method).gain(),
                manifest.testTasks().size(), link(recipe, method))).toList(), unit);
    }

    private void draw(String label, List<String> columns, Function<String, List<Cell>> cells, String unit) {
        List<Row> rows = manifest.recipes().stream()
                .map(recipe -> new Row(recipe, descriptions.getOrDefault(recipe, "not primed yet"), cells.apply(recipe))).toList();
        HeatMap.draw(page, label, "recipe", columns, rows, unit);
    }

    private interface GainCell {
        Cell of(Gain gain, int planned, String link);
    }

    private String link(String recipe, String method) {
        return method == null ? null : StudyPanels.id(manifest.recipes().indexOf(recipe), manifest.methods().indexOf(method));
    }

    private Cell relative(Gain gain, int planned, String link) {
        if (gain == null || gain.tasks() == 0) {
            return Cell.empty("-");
        }
        List<String> details = new ArrayList<>(List.of(Format.interval(gain.arg().interval())));
        if (gain.arg().skipped() > 0) {
            details.add(Format.count(gain.arg().skipped(), "baseline") + " of 0 skipped");
        }
        done(gain, planned, details);
        return new Cell(gain.arg().skippingUndefined(), Format.gain(gain.arg().skippingUndefined()), details,
                gain.arg().interval().excludes(0), link);
    }

    private Cell absolute(Gain gain, int planned, String link) {
        if (gain.tasks() == 0) {
            return Cell.empty("-");
        }
        List<String> details = new ArrayList<>(List.of(Format.differenceInterval(gain.differenceInterval()),
                Format.score(gain.direct()) + " \u2192 " + Format.score(gain.primed())));
        done(gain, planned, details);
        return new Cell(gain.difference(), Format.difference(gain.difference()), details,
                gain.differenceInterval().excludes(0), link);
    }

    private static void done(Gain gain, int planned, List<String> details) {
        if (gain.tasks() < planned) {
            details.add(gain.tasks() + " of " + Format.count(planned, "task"));
        }
    }

    private static Cell steps(Convergence convergence) {
        if (convergence.runs() == 0) {
            return Cell.empty("-");
        }
        double saved = 100 * (convergence.directSteps() - convergence.steps()) / convergence.directSteps();
        return new Cell(saved, steps(convergence.steps()), List.of("direct " + steps(convergence.directSteps()), "%d sooner, %d later of %d"
                .formatted(convergence.sooner(), convergence.later(), convergence.runs())), false, null);
    }

    private static String steps(double steps) {
        return String.format(Locale.ROOT, steps == Math.rint(steps) ? "%.0f" : "%.1f", steps);
    }
}
