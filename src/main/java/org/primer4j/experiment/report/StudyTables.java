package org.primer4j.experiment.report;

import java.util.List;
import java.util.function.Function;
import org.primer4j.Format;
import org.primer4j.experiment.report.SortableTable.Cell;
import org.primer4j.experiment.study.StudyPriming;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.training.CurvePoint;

/** The tables of what was run: primings and single tuning runs. */
final class StudyTables {

    private static final int MOST_RUNS = 4_000;

    private StudyTables() {
    }

    static void primings(Markup page, StudyResults results) {
        SortableTable.draw(page, "Primings", SortableTable.columns("recipe", "method", "algorithm", "tune", "inner", "#tasks",
                "#steps", "#best step", "#examples", "#tokens"), results.primings().stream().map(StudyTables::primingRow).toList());
    }

    private static List<Cell> primingRow(StudyPriming priming) {
        return List.of(Cell.of(priming.recipe()), Cell.of(priming.method() == null ? "all" : priming.method()),
                Cell.of(priming.algorithm()), Cell.of(priming.tune()), Cell.of(priming.inner() == null ? "-" : priming.inner()),
                Cell.of(priming.tasks()), Cell.of(priming.steps()), Cell.of(priming.bestStep()), Cell.of(priming.examples()),
                Cell.of(priming.tokens()));
    }

    /** The meta-loss of each priming over its outer steps, and the mean score on the dev tasks where it was computed. */
    static void primingCurves(Markup page, StudyResults results) {
        page.open("div", "class", "charts");
        for (StudyPriming priming : results.primings()) {
            String name = priming.recipe() + (priming.method() == null ? "" : ", " + priming.method());
            curve(page, name + ": meta-loss, nats", priming, CurvePoint::loss);
            if (priming.curve().stream().anyMatch(point -> point.dev() != null)) {
                curve(page, name + ": mean dev score", priming, CurvePoint::dev);
            }
        }
        page.close();
    }

    private static void curve(Markup page, String title, StudyPriming priming, Function<CurvePoint, Double> value) {
        LineChart.draw(page, title, List.of(new LineChart.Line("priming", priming.recipe(), Curves.mean(List.of(priming.curve()), value))));
    }

    static void runs(Markup page, StudyResults results) {
        if (results.runs().size() > MOST_RUNS) {
            page.element("p", "More than a page should hold: see results.json.", "class", "muted");
            return;
        }
        SortableTable.draw(page, "All runs", SortableTable.columns("recipe", "method", "task", "type", "metric", "#sample", "#dev",
                "#test", "#chance", "#undefined", "#diverged", "settings"), results.runs().stream().map(StudyTables::runRow).toList());
    }

    private static List<Cell> runRow(StudyRun run) {
        return List.of(Cell.of(run.recipe()), Cell.of(run.method()), Cell.of(run.task()), Cell.of(run.type()),
                Cell.of(run.metric()), Cell.of(String.valueOf(run.sample()), run.sample()), score(run.devScore()), score(run.testScore()),
                score(run.chance()), Cell.of(run.undefined()), Cell.of(run.diverged()), Cell.of(Tables.settings(run.settings())));
    }

    static Cell score(double score) {
        return Cell.of(Format.score(score), score);
    }
}
