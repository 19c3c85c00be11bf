package org.primer4j.metrics;

import java.util.List;
import org.primer4j.Checks;

/**
 * The points of one priming or one tuning run.
 *
 * @param phase  priming or tuning
 * @param recipe the recipe
 * @param method the method, null for a priming that all methods share
 * @param task   the test task, null in priming
 * @param sample the few-shot sample's seed, null in priming
 * @param points the points, by step
 */
public record MetricSeries(String phase, String recipe, String method, String task, Integer sample, List<MetricPoint> points) {

    public MetricSeries {
        Checks.notBlank("phase", phase);
        Checks.notBlank("recipe", recipe);
        points = Checks.list("points", points);
    }
}
