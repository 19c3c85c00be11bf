package org.primer4j.priming;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.metrics.EventFolder;
import org.primer4j.metrics.MetricPoint;
import org.primer4j.metrics.MetricSeries;
import org.primer4j.metrics.MetricsFile;

/** Loss, learning rate and dev score of every outer step, for other tools: {@value #METRICS} has a line a step, {@value #EVENTS} is for TensorBoard. */
public final class PrimingMetrics implements PrimingListener {

    public static final String METRICS = "metrics.jsonl";
    public static final String EVENTS = "events";

    private final List<MetricPoint> points = new ArrayList<>();

    @Override
    public void stepped(PrimingStep step) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", step.loss());
        values.put("rate", step.rate());
        if (step.dev() != null) {
            values.put("dev", step.dev());
        }
        points.add(new MetricPoint(step.step(), values));
    }

    /**
     * Writes what was heard so far.
     *
     * @param folder exists
     * @param method the method whose parameters moved; null for none
     * @throws org.primer4j.BadInputException if it cannot be written
     */
    public void write(Path folder, Recipe recipe, String method) {
        String name = recipe.algorithm().text() + "-" + recipe.tune().text();
        List<MetricSeries> series = List.of(new MetricSeries("priming", name, method, null, null, points));
        MetricsFile.write(folder.resolve(METRICS), series);
        EventFolder.write(folder.resolve(EVENTS), series);
    }
}
