package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** linear: frozen, prepacked, {@code [tokens, 384] -> [tokens, 1536]}. */
public class LinearBenchmark extends GradientBenchmark {

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.linear(input(graph, rows, "x", WIDTH), graph.weight("w", INNER, WIDTH), graph.weight("w.bias", 1, INNER));
    }
}
