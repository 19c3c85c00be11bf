package org.primer4j.experiment.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.primer4j.metrics.MetricPoint;
import org.primer4j.metrics.MetricSeries;
import org.primer4j.training.CurvePoint;

/** The curves of a study for the metric writers. */
public final class StudyMetrics {

    private StudyMetrics() {
    }

    /** One series a priming and a tuning run; a run's ends with the value {@code test}, at its last step. */
    public static List<MetricSeries> of(StudyResults results) {
        return Stream.concat(results.primings().stream().map(StudyMetrics::series), results.runs().stream().map(StudyMetrics::series))
                .toList();
    }

    private static MetricSeries series(StudyPriming priming) {
        return new MetricSeries(StudyCost.PRIMING, priming.recipe(), priming.method(), null, null, points(priming.curve()).toList());
    }

    private static MetricSeries series(StudyRun run) {
        int last = run.curve().stream().mapToInt(CurvePoint::step).max().orElse(0);
        MetricPoint test = new MetricPoint(last, Map.of("test", run.testScore()));
        return new MetricSeries(StudyCost.TUNING, run.recipe(), run.method(), run.task(), run.sample(),
                Stream.concat(points(run.curve()), Stream.of(test)).toList());
    }

    private static Stream<MetricPoint> points(List<CurvePoint> curve) {
        return curve.stream().map(point -> {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("loss", point.loss());
            if (point.dev() != null) {
                values.put("dev", point.dev());
            }
            return new MetricPoint(point.step(), values);
        });
    }
}
