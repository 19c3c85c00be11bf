package org.primer4j.graph.ops;

import static org.primer4j.graph.Batch.TOKENS;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Decomposition;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.TestData;
import org.primer4j.graph.Value;

/**
 * The gradients of {@code sum(do o)} of an attention with output o by its operands and by {@code do} (which is o), and how they move when
 * some of these move: by the fused kernels, and by float64 reverse-over-reverse on the primitives.
 *
 * @param kind the attention
 * @param batch with the axes of the primitives
 * @param data operands and directions
 */
record MovingAttention(AttentionCases kind, Batch batch, TestData data) {

    private static final String DO = "do", LOSS = "loss", LEAF = "leaf ", DIRECTION = "direction ";

    static MovingAttention of(AttentionCases kind, Batch sizes, long seed) {
        return new MovingAttention(kind, kind.extend(sizes), new TestData(seed));
    }

    /** With all numbers, those of the directions too, that many times as large. */
    MovingAttention scaled(double factor) {
        TestData larger = data.unchanged();
        graph().nodes().stream().filter(n -> n.op() instanceof Leaf leaf && leaf.leafType() == DType.F32).map(n -> (Leaf) n.op())
            .forEach(leaf -> larger.set(leaf.leafName(), Arrays.stream(data.reals(leaf, batch)).map(x -> factor * x).toArray()));
        return new MovingAttention(kind, batch, larger);
    }

    /** What can move: do, then the leaves' names. */
    List<String> operands() {
        return List.copyOf(operands(graph()).keySet());
    }

    private Graph graph() {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, batch);
        AttentionInputs in = kind.inputs(leaves);
        Value o = Ops.attention(kind.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix());
        Value upstream = graph.output(LEAF + DO, leaves.constant(DO, TOKENS, in.q().cols()));
        in.list().stream().filter(v -> v != null && v.dtype() == DType.F32).forEach(v -> graph.output(LEAF + ((Leaf) v.node().op()).leafName(), v));
        operands(graph).forEach((name, operand) -> graph.output(DIRECTION + name, graph.input(DIRECTION + name, operand.shape())));
        graph.output(LOSS, Ops.mul(o, upstream));
        return graph;
    }

    private static Map<String, Value> operands(Graph graph) {
        Map<String, Value> operands = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> {
            if (name.startsWith(LEAF)) {
                operands.put(name.substring(LEAF.length()), value);
            }
        });
        return operands;
    }

    /** The fused tangents of the gradients by the operands asked for, when only some operands move. */
    Graph fusedGraph(Collection<String> moving, Collection<String> asked) {
        Graph graph = graph();
        Map<String, Value> operands = operands(graph), gradients = new LinkedHashMap<>();
        List<Value> all = Gradient.of(graph.outputs().get(LOSS), List.copyOf(operands.values()));
        int at = 0;
        for (String name : operands.keySet()) {
            gradients.put(name, all.get(at++));
        }
        Map<Value, Value> directions = new LinkedHashMap<>();
        moving.forEach(name -> directions.put(operands.get(name), graph.outputs().get(DIRECTION + name)));
        List<Value> tangents = Tangent.of(asked.stream().map(gradients::get).toList(), directions);
        at = 0;
        for (String name : asked) {
            graph.output("d " + name, tangents.get(at++));
        }
        return graph;
    }

    /** The numbers of these, with NaN in the memory before. */
    Map<String, double[]> fused(Collection<String> moving, Collection<String> asked, int threads) {
        return fused(moving, asked, Device.cpu(threads));
    }

    /** The same on a device. */
    Map<String, double[]> fused(Collection<String> moving, Collection<String> asked, Device device) {
        try (GraphRun run = new GraphRun(fusedGraph(moving, asked), device, data, batch)) {
            run.poison(batch, data);
            return chosen(run.run(batch, data), "d ");
        }
    }

    /**
     * The same of all gradients, for each operand that moves alone: the Hessian is symmetric, so that the gradients' tangents along z are
     * the gradients of {@code <gradient, z>}.
     */
    Map<String, Map<String, double[]>> reference() {
        Graph graph = Decomposition.of(graph(), DType.F64);
        Map<String, Value> operands = operands(graph);
        List<String> names = List.copyOf(operands.keySet());
        List<Value> wanted = List.copyOf(operands.values()), gradients = Gradient.of(graph.outputs().get(LOSS), wanted);
        for (int i = 0; i < names.size(); i++) {
            List<Value> tangents = Gradient.of(Ops.mul(gradients.get(i), graph.outputs().get(DIRECTION + names.get(i))), wanted);
            for (int j = 0; j < names.size(); j++) {
                graph.output("d " + names.get(i) + " " + names.get(j), tangents.get(j));
            }
        }
        try (GraphRun run = new GraphRun(graph, 1, data, batch)) {
            Map<String, double[]> all = run.run(batch, data);
            Map<String, Map<String, double[]>> byOperand = new LinkedHashMap<>();
            names.forEach(name -> byOperand.put(name, chosen(all, "d " + name + " ")));
            return byOperand;
        }
    }

    // By what is behind the prefix.
    private static Map<String, double[]> chosen(Map<String, double[]> all, String prefix) {
        Map<String, double[]> chosen = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                chosen.put(name.substring(prefix.length()), value);
            }
        });
        return chosen;
    }
}
