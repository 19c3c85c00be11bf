package org.primer4j.experiment.report;

import java.util.List;
import org.primer4j.Format;
import org.primer4j.experiment.report.SortableTable.Cell;
import org.primer4j.experiment.study.Contrast;
import org.primer4j.experiment.study.Difference;
import org.primer4j.experiment.study.PValueLimit;
import org.primer4j.experiment.study.StudySummary;

/** The tables of paired comparisons between recipes. */
final class StudyComparisons {

    private StudyComparisons() {
    }

    static void draw(Markup page, StudySummary summary) {
        page.open("section").element("h2", "Paired comparisons");
        page.element("p", "First recipe minus second, paired by task and sample: 95 % bootstrap interval, and the p-value of a sign-flip permutation "
                + "test over tasks after Holm's correction among a method's pairs. "
                + "Better: tasks where the first scores higher, of those that differ. "
                + PValueLimit.of(summary.comparisons(null)).sentence(), "class", "muted");
        List<String> methods = summary.manifest().methods();
        boolean several = methods.size() > 1;
        table(page, several ? "Mean over methods" : methods.get(0), summary.comparisons(several ? null : methods.get(0)));
        for (String method : several ? methods : List.<String>of()) {
            page.open("details", "id", "comparisons-" + methods.indexOf(method)).open("summary").text("With ").element("bdi", method).close();
            table(page, "Comparisons with " + method, summary.comparisons(method));
            page.close();
        }
        page.close();
    }

    private static void table(Markup page, String label, List<Contrast> contrasts) {
        SortableTable.draw(page, label, SortableTable.columns("first", "second", "#tasks", "#score", "#95 % interval", "#p",
                "#ARG", "#95 % interval", "#p", "#better"), contrasts.stream().map(StudyComparisons::row).toList());
    }

    private static List<Cell> row(Contrast contrast) {
        Difference score = contrast.score();
        Difference arg = contrast.arg();
        return List.of(Cell.of(recipe(contrast, 1)), Cell.of(recipe(contrast, -1)), Cell.of(contrast.tasks()),
                Cell.of(Format.difference(score.value()), score.value()),
                Cell.of(Format.differenceInterval(score.interval()), score.interval().low()), pValue(score),
                Cell.of(Format.gain(arg.value()), arg.value()), Cell.of(Format.interval(arg.interval()), arg.interval().low()), pValue(arg),
                Cell.of(contrast.better() + " of " + (contrast.better() + contrast.worse()), contrast.better()));
    }

    private static String recipe(Contrast contrast, double weight) {
        return contrast.weights().entrySet().stream().filter(entry -> entry.getValue() == weight).findFirst().orElseThrow().getKey();
    }

    private static Cell pValue(Difference difference) {
        return Cell.of(Format.pValue(difference.adjusted()), difference.adjusted());
    }
}
