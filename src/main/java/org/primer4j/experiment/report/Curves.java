package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.primer4j.experiment.report.LineChart.Point;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.training.CurvePoint;

/** Mean curves over runs. */
final class Curves {

    private Curves() {
    }

    /**
     * The mean of {@code value} at each step over the runs' curves that recorded it. Steps that fewer than half of them
     * recorded are left out: there the mean would change because the runs do.
     *
     * @param value what to average, null where a point has none
     */
    static List<Point> mean(List<List<CurvePoint>> curves, Function<CurvePoint, Double> value) {
        List<Point> points = new ArrayList<>();
        values(curves, value).forEach((step, values) -> {
            if (2 * values.size() >= curves.size()) {
                points.add(new Point(step, mean(values)));
            }
        });
        return points;
    }

    /** The mean of {@code value} over {@code runs} at each step that all of them recorded. */
    static SortedMap<Integer, Double> byStep(List<StudyRun> runs, Function<CurvePoint, Double> value) {
        SortedMap<Integer, Double> means = new TreeMap<>();
        values(runs.stream().map(StudyRun::curve).toList(), value).forEach((step, values) -> {
            if (values.size() == runs.size()) {
                means.put(step, mean(values));
            }
        });
        return means;
    }

    private static SortedMap<Integer, List<Double>> values(List<List<CurvePoint>> curves, Function<CurvePoint, Double> value) {
        SortedMap<Integer, List<Double>> values = new TreeMap<>();
        curves.forEach(curve -> curve.stream().filter(point -> value.apply(point) != null).forEach(point ->
                values.computeIfAbsent(point.step(), step -> new ArrayList<>()).add(value.apply(point))));
        return values;
    }

    /** The mean, NaN for no values. */
    static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
