package org.primer4j.experiment.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.primer4j.experiment.Interval;

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
     * @param points by step; a line without any is not drawn
     */
    record Line(String style, String name, List<Point> points) {

        private boolean hasBand() {
            return points.stream().anyMatch(point -> point.interval().isDefined());
        }
    }

    /**
     * A point of a line.
     *
     * @param interval what the band around the line covers here, {@link Interval#UNDEFINED} for none
     */
    record Point(int step, double value, Interval interval) {

        Point(int step, double value) {
            this(step, value, Interval.UNDEFINED);
        }

        private double low() {
            return interval.isDefined() ? interval.low() : value;
        }

        private double high() {
            return interval.isDefined() ? interval.high() : value;
        }
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
        Axis values = Axis.around(lines.stream().flatMap(line -> line.points().stream()).flatMapToDouble(point -> DoubleStream.of(point.low(), point.high())));
        page.open("svg", "class", "lines", "height", HEIGHT, "role", "img").element("title", title)
                .element("desc", description(lines));
        grid(page, values);
        stepLabels(page, steps);
        page.open("svg", "y", TOP, "width", "100%", "height", HEIGHT - TOP - BOTTOM, "viewBox", "0 0 1000 1000",
                "preserveAspectRatio", "none", "overflow", "visible");
        lines.stream().filter(Line::hasBand).forEach(line -> band(page, line, steps, values));
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
        String points = line.points().stream().map(point -> position(steps, point.step(), values, point.value())).collect(joining(" "));
        // A line of one point has no length: drawn twice, its round cap is a dot.
        page.empty("polyline", "class", line.style(), "points", line.points().size() == 1 ? points + " " + points : points,
                "vector-effect", "non-scaling-stroke");
    }

    /** The area between the intervals' ends: along the upper ones, back along the lower ones. */
    private static void band(Markup page, Line line, Axis steps, Axis values) {
        List<Point> back = new ArrayList<>(line.points());
        Collections.reverse(back);
        Stream<String> upper = line.points().stream().map(point -> position(steps, point.step(), values, point.high()));
        Stream<String> lower = back.stream().map(point -> position(steps, point.step(), values, point.low()));
        page.empty("polygon", "class", line.style(), "points", Stream.concat(upper, lower).collect(joining(" ")));
    }

    /** A place in the nested SVG of 1000 x 1000. */
    private static String position(Axis steps, int step, Axis values, double value) {
        return number(10 * steps.percent(step)) + "," + number(1000 - 10 * values.percent(value));
    }

    private static String description(List<Line> lines) {
        return lines.stream().map(LineChart::description).collect(joining("; "));
    }

    private static String description(Line line) {
        Point first = line.points().get(0);
        Point last = line.points().get(line.points().size() - 1);
        return String.format(Locale.ROOT, "%s from %.3f at step %d to %.3f at step %d", line.name(), first.value(),
                first.step(), last.value(), last.step());
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
