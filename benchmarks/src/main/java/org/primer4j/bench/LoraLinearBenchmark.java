package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** lora_linear: {@code [tokens, 384] -> [tokens, 384]}, rank 8. */
public class LoraLinearBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        Value x = input(graph, rows, "x", WIDTH);
        return Ops.loraLinear(x, x, graph.weight("w", WIDTH, WIDTH), graph.weight("w.bias", 1, WIDTH), graph.parameter("a", 8, WIDTH),
            graph.parameter("b", WIDTH, 8), 2);
    }
}
