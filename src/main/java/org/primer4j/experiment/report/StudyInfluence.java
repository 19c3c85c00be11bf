package org.primer4j.experiment.report;

import java.util.List;
import java.util.Objects;
import org.primer4j.Format;
import org.primer4j.experiment.report.SortableTable.Cell;
import org.primer4j.experiment.study.Gain;
import org.primer4j.experiment.study.LeaveOneTaskOut;
import org.primer4j.experiment.study.StudySummary;

/** How much each recipe's ARG depends on single tasks. */
final class StudyInfluence {

    private StudyInfluence() {
    }

    static void draw(Markup page, StudySummary summary) {
        page.open("section").element("h2", "ARG with one task left out");
        page.element("p", "The least and the greatest ARG, mean over methods, with each task left out in turn; the most influential task is "
                + "the one without which it changes most. A baseline near 0 can make an ARG alone.", "class", "muted");
        SortableTable.draw(page, "ARG with one task left out", SortableTable.columns("recipe", "#ARG", "#least", "#greatest",
                "most influential", "#without it"), summary.manifest().recipes().stream()
                .map(recipe -> row(recipe, summary.result(recipe, null).gain())).toList());
        page.close();
    }

    private static List<Cell> row(String recipe, Gain gain) {
        LeaveOneTaskOut found = gain.leaveOneOut();
        return List.of(Cell.of(recipe), percent(gain.arg().skippingUndefined()), percent(found.range().low()), percent(found.range().high()),
                Cell.of(Objects.requireNonNullElse(found.mostInfluential(), "-")), percent(found.without()));
    }

    private static Cell percent(double value) {
        return Cell.of(Format.gain(value), value);
    }
}
