package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;

/** gated: width 1536, the tanh form of GELU as in T5 v1.1. */
public class GatedBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.gated(Activation.GELU_TANH, input(graph, rows, "gate", INNER), input(graph, rows, "x", INNER));
    }
}
