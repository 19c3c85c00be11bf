package org.primer4j.experiment.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.primer4j.Format;
import org.primer4j.experiment.Interval;

/**
 * One line per task: ring at the mean before, disc at the mean after, a bar between them, a faint dot per sample, a thin
 * line for each mean's interval, a tick at chance. Largest gain in score first.
 */
final class Dumbbells {

    /** What stands at the right where there are two starts, of different samples. */
    static final String NOT_PAIRED = "not paired";
    private static final int MIDDLE = 13;

    private Dumbbells() {
    }

    /**
     * A line.
     *
     * @param name   the task
     * @param metric its metric
     * @param before where the ring stands
     * @param after  where the disc stands
     * @param chance the task's chance score, NaN if unknown
     * @param paired whether the two are of the same samples
     * @param right  what stands at the right of the line, as the gain
     */
    record Row(String name, String metric, Scores before, Scores after, double chance, boolean paired, String right) {

        private double change() {
            return paired ? after.mean() - before.mean() : Double.NEGATIVE_INFINITY;
        }

        private DoubleStream values() {
            return DoubleStream.concat(DoubleStream.of(chance), DoubleStream.concat(before.values(), after.values()));
        }
    }

    /**
     * The scores of one task's samples.
     *
     * @param mean     their mean, NaN for none
     * @param samples  the scores, one a sample
     * @param interval of the mean, {@link Interval#UNDEFINED} where it is not shown
     */
    record Scores(double mean, List<Double> samples, Interval interval) {

        private DoubleStream values() {
            return DoubleStream.concat(DoubleStream.of(interval.low(), interval.high()), samples.stream().mapToDouble(score -> score));
        }
    }

    /** The largest change first; {@code before} and {@code after} name the two starts. */
    static void draw(Markup page, String before, String after, List<Row> rows) {
        Axis axis = Axis.around(rows.stream().flatMapToDouble(Row::values));
        page.open("div", "class", "dumbbells");
        rows.stream().sorted(Comparator.comparingDouble(Row::change).reversed())
                .forEach(row -> row(page, row, axis, description(row, before, after)));
        scale(page, axis);
        page.close();
    }

    private static void row(Markup page, Row row, Axis axis, String description) {
        page.open("div", "class", "row").open("span", "class", "name", "title", row.name())
                .element("bdi", row.name()).close();
        page.open("svg", "height", 2 * MIDDLE, "role", "img").element("title", description);
        vertical(page, "chance", axis.percent(row.chance()), 5);
        horizontal(page, "bar " + direction(row), axis, row.before().mean(), row.after().mean(), 0);
        scores(page, "unprimed", row.before(), axis, -4);
        scores(page, "primed", row.after(), axis, 4);
        dot(page, "unprimed", axis.percent(row.before().mean()), 5);
        dot(page, "primed", axis.percent(row.after().mean()), 5.5);
        page.close().element("span", row.right(), "class", "gain " + direction(row)).close();
    }

    /** The interval, {@code shift} pixels below the middle so that two do not hide each other, and the samples. */
    private static void scores(Markup page, String style, Scores scores, Axis axis, int shift) {
        horizontal(page, "interval " + style, axis, scores.interval().low(), scores.interval().high(), shift);
        scores.samples().forEach(score -> dot(page, "sample " + style, axis.percent(score), 2.5));
    }

    private static void horizontal(Markup page, String style, Axis axis, double from, double to, int shift) {
        if (Double.isFinite(from) && Double.isFinite(to)) {
            page.empty("line", "class", style, "x1", percent(axis.percent(from)), "x2", percent(axis.percent(to)),
                    "y1", MIDDLE + shift, "y2", MIDDLE + shift);
        }
    }

    private static void vertical(Markup page, String style, double x, int reach) {
        if (Double.isFinite(x)) {
            page.empty("line", "class", style, "x1", percent(x), "x2", percent(x), "y1", MIDDLE - reach, "y2", MIDDLE + reach);
        }
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
    private static String direction(Row row) {
        return row.change() > 0 ? "better" : row.paired() && row.change() < 0 ? "worse" : "same";
    }

    private static String description(Row row, String before, String after) {
        return "%s (%s): %s %s, %s %s, chance %s".formatted(row.name(), row.metric(), before, Format.score(row.before().mean()),
                after, Format.score(row.after().mean()), Format.score(row.chance()));
    }

    private static String percent(double value) {
        return LineChart.number(value) + "%";
    }
}
