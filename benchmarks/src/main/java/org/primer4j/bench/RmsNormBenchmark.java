package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** rms_norm: width 384, frozen scale. */
public class RmsNormBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.rmsNorm(input(graph, rows, "x", WIDTH), graph.weight("layer_norm.weight", 1, WIDTH), 1e-6);
    }
}
