package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.primer4j.experiment.CurvePoint;

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
    static List<LineChart.Point> mean(List<List<CurvePoint>> curves, Function<CurvePoint, Double> value) {
        SortedMap<Integer, List<Double>> bySteps = new TreeMap<>();
        curves.forEach(curve -> curve.stream().filter(point -> value.apply(point) != null).forEach(point ->
                bySteps.computeIfAbsent(point.step(), step -> new ArrayList<>()).add(value.apply(point))));
        List<LineChart.Point> points = new ArrayList<>();
        bySteps.forEach((step, values) -> {
            if (2 * values.size() >= curves.size()) {
                points.add(new LineChart.Point(step, mean(values)));
            }
        });
        return points;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
