package org.primer4j.experiment.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.primer4j.Format;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.Summary;
import org.primer4j.experiment.TaskRow;
import org.primer4j.experiment.report.SortableTable.Cell;

/** The report's two tables: tasks and single runs. */
final class Tables {

    private Tables() {
    }

    static void tasks(Markup page, Summary summary) {
        List<List<Cell>> rows = summary.variants().stream().flatMap(variant -> variant.rows().stream())
                .map(Tables::taskRow).toList();
        SortableTable.draw(page, "Scores by task", SortableTable.columns("task", "method", "metric", "#chance", "#unprimed", "#primed",
                "#gain", "#best unprimed", "alternative", "#gain over it"), rows);
    }

    private static List<Cell> taskRow(TaskRow row) {
        return List.of(Cell.of(row.task()), Cell.of(row.variant().toString()), Cell.of(row.metric()),
                score(row.chance()), score(row.unprimed()), score(row.primed()), gain(row, row.gain()),
                score(row.bestUnprimed()), Cell.of(row.bestUnprimedOf() == null ? "-" : row.bestUnprimedOf().toString()),
                gain(row, row.gainOverBest()));
    }

    static void runs(Markup page, Results results) {
        SortableTable.draw(page, "All runs", SortableTable.columns("task", "method", "start", "#sample", "#dev", "#test", "#chance",
                "#undefined", "#diverged", "#seconds", "settings"), results.runs().stream().map(Tables::runRow).toList());
    }

    private static List<Cell> runRow(RunResult run) {
        return List.of(Cell.of(run.task()), Cell.of(run.method() + " " + run.objective()), Cell.of(run.start()),
                Cell.of(String.valueOf(run.sample()), run.sample()), score(run.devScore()), score(run.testScore()),
                score(run.chance()), Cell.of(String.valueOf(run.undefined()), run.undefined()),
                Cell.of(String.valueOf(run.diverged()), run.diverged()),
                Cell.of(String.format(Locale.ROOT, "%.1f", run.seconds()), run.seconds()),
                Cell.of(settings(run.settings())));
    }

    /** "name value, name value", by name. */
    static String settings(Map<String, Object> settings) {
        return settings.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + " " + entry.getValue()).collect(Collectors.joining(", "));
    }

    private static Cell score(double score) {
        return Cell.of(Format.score(score), score);
    }

    private static Cell gain(TaskRow row, double gain) {
        boolean oneStart = Double.isNaN(row.unprimed()) || Double.isNaN(row.primed());
        return row.complete() ? Cell.of(Format.gain(gain), gain) : Cell.of(oneStart ? "-" : Dumbbells.NOT_PAIRED, Double.NaN);
    }
}
