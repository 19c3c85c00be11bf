package org.primer4j.experiment.report;

import java.util.List;
import java.util.Locale;

/**
 * Lines over training steps as a fluid SVG: positions are percentages, so that it fills any width while its text keeps
 * its size. The lines lie in a nested, stretched SVG whose strokes do not stretch; the values' labels lie in
 * the margin that the style sheet leaves at its left.
 */
final class LineChart {

    private static final int HEIGHT = 200;
    private static final int TOP = 8;
    private static final int BOTTOM = 22;

    private LineChart() {
    }

    /**
     * One line.
     *
     * @param style  CSS class: unprimed, primed or priming
     * @param name   what it is, in the legend and to screen readers
     * @param points at least one, by step
     */
    record Line(String style, String name, List<Point> points) {
    }

    record Point(int step, double value) {
    }

    /** Draws {@code lines}, or says that there is nothing to draw. */
    static void draw(Markup page, String title, List<Line> lines) {
        page.open("figure", "class", "chart").element("figcaption", title);
        List<Line> drawn = lines.stream().filter(line -> !line.points().isEmpty()).toList();
        if (drawn.isEmpty()) {
            page.element("p", "Not recorded.", "class", "muted");
        } else {
            plot(page, title, drawn);
        }
        page.close();
    }

    private static void plot(Markup page, String title, List<Line> lines) {
        Axis steps = new Axis(0, Math.max(1, lines.stream().flatMap(line -> line.points().stream())
                .mapToInt(Point::step).max().orElse(1)), 1);
        Axis values = Axis.around(lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::value));
        page.open("svg", "class", "lines", "height", HEIGHT, "role", "img", "aria-label", description(title, lines));
        grid(page, values);
        stepLabels(page, steps);
        page.open("svg", "y", TOP, "width", "100%", "height", HEIGHT - TOP - BOTTOM, "viewBox", "0 0 1000 1000",
                "preserveAspectRatio", "none", "overflow", "visible");
        lines.forEach(line -> polyline(page, line, steps, values));
        page.close().close();
    }

    private static void grid(Markup page, Axis values) {
        for (double tick : values.ticks()) {
            double y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - values.percent(tick) / 100);
            page.empty("line", "class", "grid", "x1", "0", "x2", "100%", "y1", number(y), "y2", number(y));
            page.element("text", values.label(tick), "x", -8, "y", number(y + 4), "text-anchor", "end");
        }
    }

    private static void stepLabels(Markup page, Axis steps) {
        int last = (int) steps.high();
        page.element("text", "0", "x", "0", "y", HEIGHT - 6);
        page.element("text", "step " + last, "x", "100%", "y", HEIGHT - 6, "text-anchor", "end");
    }

    private static void polyline(Markup page, Line line, Axis steps, Axis values) {
        StringBuilder points = new StringBuilder();
        for (Point point : line.points()) {
            points.append(number(10 * steps.percent(point.step()))).append(',')
                    .append(number(1000 - 10 * values.percent(point.value()))).append(' ');
        }
        // A line of one point has no length: drawn twice, its round cap is a dot.
        page.empty("polyline", "class", line.style(), "points", points + (line.points().size() == 1 ? "" + points : ""),
                "vector-effect", "non-scaling-stroke");
    }

    private static String description(String title, List<Line> lines) {
        StringBuilder text = new StringBuilder(title);
        for (Line line : lines) {
            Point first = line.points().get(0);
            Point last = line.points().get(line.points().size() - 1);
            text.append(String.format(Locale.ROOT, "; %s from %.3f at step %d to %.3f at step %d", line.name(),
                    first.value(), first.step(), last.value(), last.step()));
        }
        return text.toString();
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
