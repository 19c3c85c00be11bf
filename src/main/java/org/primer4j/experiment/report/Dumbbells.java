package org.primer4j.experiment.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.primer4j.experiment.Format;
import org.primer4j.experiment.TaskRow;
import org.primer4j.experiment.VariantSummary;

/**
 * One line per task: ring at the unprimed mean, disc at the primed mean, a bar between them, a faint dot per sample, a
 * tick at chance. Largest gain in score first.
 */
final class Dumbbells {

    private static final int MIDDLE = 13;

    private Dumbbells() {
    }

    static void draw(Markup page, VariantSummary variant) {
        Axis axis = Axis.around(variant.rows().stream().flatMapToDouble(Dumbbells::values));
        page.open("div", "class", "dumbbells");
        variant.rows().stream().sorted(Comparator.comparingDouble(Dumbbells::change).reversed())
                .forEach(row -> row(page, row, axis));
        scale(page, axis);
        page.close();
    }

    private static double change(TaskRow row) {
        return row.complete() ? row.primed() - row.unprimed() : Double.NEGATIVE_INFINITY;
    }

    private static DoubleStream values(TaskRow row) {
        return DoubleStream.concat(DoubleStream.of(row.chance()), DoubleStream.concat(
                row.unprimedScores().stream().mapToDouble(score -> score),
                row.primedScores().stream().mapToDouble(score -> score)));
    }

    private static void row(Markup page, TaskRow row, Axis axis) {
        page.open("div", "class", "row").open("span", "class", "name", "title", row.task())
                .element("bdi", row.task()).close();
        page.open("svg", "height", 2 * MIDDLE, "role", "img", "aria-label", description(row));
        page.element("title", description(row));
        vertical(page, "chance", axis.percent(row.chance()), 5);
        bar(page, row, axis);
        row.unprimedScores().forEach(score -> dot(page, "sample unprimed", axis.percent(score), 2.5));
        row.primedScores().forEach(score -> dot(page, "sample primed", axis.percent(score), 2.5));
        dot(page, "unprimed", axis.percent(row.unprimed()), 5);
        dot(page, "primed", axis.percent(row.primed()), 5.5);
        page.close().element("span", row.complete() ? Format.gain(row.gain()) : "not paired", "class",
                "gain " + direction(row)).close();
    }

    private static void bar(Markup page, TaskRow row, Axis axis) {
        if (!row.unprimedScores().isEmpty() && !row.primedScores().isEmpty()) {
            page.empty("line", "class", "bar " + direction(row), "x1", percent(axis.percent(row.unprimed())), "x2",
                    percent(axis.percent(row.primed())), "y1", MIDDLE, "y2", MIDDLE);
        }
    }

    private static void vertical(Markup page, String style, double x, int reach) {
        page.empty("line", "class", style, "x1", percent(x), "x2", percent(x), "y1", MIDDLE - reach, "y2", MIDDLE + reach);
    }

    private static void dot(Markup page, String style, double x, double radius) {
        if (Double.isFinite(x)) {
            page.empty("circle", "class", style, "cx", percent(x), "cy", MIDDLE, "r", radius);
        }
    }

    private static void scale(Markup page, Axis axis) {
        page.open("div", "class", "row scale").element("span", "", "class", "name").open("svg", "height", 20,
                "aria-hidden", "true");
        List<Double> ticks = axis.ticks();
        for (double tick : ticks) {
            page.element("text", axis.label(tick), "x", percent(axis.percent(tick)), "y", 14, "text-anchor", "middle");
        }
        page.close().element("span", "", "class", "gain").close();
    }

    /** CSS class of a gain: better, worse or same. */
    static String direction(TaskRow row) {
        double change = row.primed() - row.unprimed();
        return row.complete() && change > 0 ? "better" : row.complete() && change < 0 ? "worse" : "same";
    }

    private static String description(TaskRow row) {
        return "%s (%s): unprimed %s, primed %s, chance %s".formatted(row.task(), row.metric(),
                Format.score(row.unprimed()), Format.score(row.primed()), Format.score(row.chance()));
    }

    private static String percent(double value) {
        return LineChart.number(value) + "%";
    }
}
