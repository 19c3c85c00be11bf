package org.primer4j.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.Checks;

/**
 * What was measured at one step.
 *
 * @param step   optimizer steps done, from 0
 * @param values the values by name (loss, dev, test), finite, in the order they are written
 */
public record MetricPoint(int step, Map<String, Double> values) {

    public MetricPoint {
        Checks.notNegative("step", step);
        values = Collections.unmodifiableMap(new LinkedHashMap<>(Checks.present("values", values)));
        values.forEach((name, value) -> Checks.finite(name, Checks.present(name, value)));
    }
}
