package org.primer4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;

/** One op forward and backward: gradients to all float inputs and to all parameters. */
public abstract class GradientBenchmark extends OpBenchmark {

    private Job both;

    @Setup
    public void prepareBoth() {
        Graph graph = new Graph(1, DType.F32);
        Value result = buildTraining(graph, graph.axis(OpSizes.TOKENS, tokens));
        List<Value> gradients = Gradient.of(result, wanted(graph));
        graph.output("result", result);
        for (int i = 0; i < gradients.size(); i++) {
            graph.output("gradient" + i, gradients.get(i));
        }
        both = prepare(graph);
    }

    /** The op as it is recorded for a gradient; by default no other. */
    Value buildTraining(Graph graph, Axis rows) {
        return build(graph, rows);
    }

    /** What gradients are computed to. */
    List<Value> wanted(Graph graph) {
        List<Value> wanted = new ArrayList<>(graph.leaves(Leaf.Kind.PARAMETER));
        graph.leaves(Leaf.Kind.INPUT).stream().filter(v -> v.dtype() == DType.F32).forEach(wanted::add);
        return wanted;
    }

    @Benchmark
    public void forwardBackward(Counters work) {
        both.run(work);
    }
}
