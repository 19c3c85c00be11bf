package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** add_layer_norm: width 384, frozen scale and shift. */
public class AddLayerNormBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.addLayerNorm(input(graph, rows, "x", WIDTH), input(graph, rows, "residual", WIDTH), graph.weight("LayerNorm.weight", 1, WIDTH),
            graph.weight("LayerNorm.bias", 1, WIDTH), 1e-12);
    }
}
