package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** adapter: width 384, bottleneck 64. */
public class AdapterBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.adapter(input(graph, rows, "x", WIDTH), graph.parameter("down", 64, WIDTH), graph.parameter("down.bias", 1, 64),
            graph.parameter("up", WIDTH, 64), graph.parameter("up.bias", 1, WIDTH));
    }
}
