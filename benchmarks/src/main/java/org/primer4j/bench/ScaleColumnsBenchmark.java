package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** scale_columns: width 1536, trained factors. */
public class ScaleColumnsBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.scaleColumns(input(graph, rows, "x", INNER), graph.parameter("l", 1, INNER));
    }
}
