package org.primer4j.bench;

import org.openjdk.jmh.annotations.Param;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Optimize;
import org.primer4j.model.Parameters;

/** adamw: one update of so many parameters. */
public class AdamwBenchmark extends OpBenchmark {

    /** Trained numbers: about LoRA's and full tuning's. */
    @Param({"73728", "22713984"})
    public int parameters;

    @Override
    Value build(Graph graph, Axis rows) {
        graph.parameter("all", 1, parameters);
        graph.add(new Optimize.AdamW(0.9, 0.999, 1e-8, 0.01, parameters), graph.state(Parameters.VALUES, parameters),
            graph.state(Parameters.GRADIENTS, parameters), graph.state(Parameters.MOMENT_1, parameters),
            graph.state(Parameters.MOMENT_2, parameters), graph.input("factor", Shape.laned(1, 1)), graph.input("rate", Shape.laned(1, 1)),
            graph.laneIntegers("count", 1));
        return null;
    }

    @Override
    void fill(Program program) {
        program.input("count").put(0, 1);
    }
}
