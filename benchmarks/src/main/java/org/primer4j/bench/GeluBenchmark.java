package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** gelu: width 1536. */
public class GeluBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.gelu(input(graph, rows, "x", INNER));
    }
}
