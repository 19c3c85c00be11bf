package org.primer4j.bench;

import org.openjdk.jmh.annotations.Param;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;

/** adapter: width 384, bottleneck 64. */
public class AdapterBenchmark extends GradientBenchmark {

    private static final int BOTTLENECK = 64;
    private static final double SCALE = 4;

    /** Houlsby et al. 2019 with GELU; with ReLU; He et al. 2022: ReLU, beside the block. */
    public enum Form { SEQUENTIAL_GELU, SEQUENTIAL_RELU, PARALLEL_RELU }

    /** Which. */
    @Param
    public Form form;

    @Override
    Value build(Graph graph, Axis rows) {
        boolean parallel = form == Form.PARALLEL_RELU;
        Value h = input(graph, rows, "h", WIDTH), x = parallel ? input(graph, rows, "x", WIDTH) : h;
        return Ops.adapter(h, x, graph.parameter("down", BOTTLENECK, WIDTH), graph.parameter("down.bias", 1, BOTTLENECK),
            graph.parameter("up", WIDTH, BOTTLENECK), graph.parameter("up.bias", 1, WIDTH),
            form == Form.SEQUENTIAL_GELU ? Activation.GELU : Activation.RELU, parallel ? SCALE : 1);
    }
}
