package org.primer4j.graph.ops;

import static org.primer4j.graph.Batch.TOKENS;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Decomposition;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.TestData;
import org.primer4j.graph.Value;

/**
 * An attention whose operands move along random directions, and its gradients' operand {@code do} with them: how its output and its
 * gradients move, by the fused kernels and by float64 reverse-over-reverse on the primitives.
 */
record MovingAttention(AttentionCases of, Batch batch, TestData data) {

    private static final String MOVED = "moved ", O = "o", DO = "do", BIAS = "bias";

    /** On random numbers of a seed. */
    static MovingAttention of(AttentionCases of, Batch sizes, long seed) {
        return new MovingAttention(of, of.extend(sizes), new TestData(seed));
    }

    /** What may move, by name; besides {@code do}, a gradient of that name belongs to each. */
    List<String> operands() {
        return List.copyOf(operands(new Leaves(new Graph(batch.laneCount(), DType.F32), batch)).keySet());
    }

    /** What can be asked for: the output {@code o}, and the gradients. */
    List<String> results() {
        return operands().stream().map(name -> name.equals(DO) ? O : name).toList();
    }

    private Map<String, Value> operands(Leaves l) {
        AttentionInputs in = of.inputs(l);
        Map<String, Value> operands = new LinkedHashMap<>();
        operands.put(DO, l.constant(DO, TOKENS, in.q().cols()));
        operands.put("q", in.q());
        operands.put("k", in.k());
        operands.put("v", in.v());
        operands.put(BIAS, in.bias());
        operands.put("prefix keys", in.prefix() == null ? null : in.prefix().keys());
        operands.put("prefix values", in.prefix() == null ? null : in.prefix().values());
        operands.values().removeIf(v -> v == null);
        return operands;
    }

    private static Value direction(String name, Value operand) {
        return operand.graph().input(MOVED + name, operand.shape());
    }

    private Value attention(AttentionInputs in) {
        return Ops.attention(of.kind(), in.q(), in.k(), in.v(), in.queryOffsets(), in.keyOffsets(), in.bias(), in.prefix());
    }

    /** The fused tangents of the results asked for, as nodes of a graph, when only the operands named move. */
    Graph fusedGraph(Collection<String> moving, Collection<String> asked) {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, batch);
        Map<String, Value> operands = operands(leaves), results = results(leaves, operands), directions = new LinkedHashMap<>();
        Map<Value, Value> along = new LinkedHashMap<>();
        moving.forEach(name -> along.put(operands.get(name), direction(name, operands.get(name))));
        asked.forEach(name -> directions.put(name, results.get(name)));
        List<Value> tangents = Tangent.of(List.copyOf(directions.values()), along);
        int at = 0;
        for (String name : asked) {
            Value tangent = tangents.get(at++);
            graph.output(name, name.equals(BIAS) ? Broadcast.likeWeight(tangent, operands.get(BIAS)) : tangent);
        }
        return graph;
    }

    private Map<String, Value> results(Leaves leaves, Map<String, Value> operands) {
        AttentionInputs in = of.inputs(leaves);
        Node forward = attention(in).node();
        boolean prefix = in.prefix() != null;
        List<Value> inputs = new ArrayList<>(List.of(operands.get(DO)));
        inputs.addAll(in.list());
        inputs.add(forward.output(1));
        Node back = leaves.graph().append(new Attention.Backward(of.kind(), true, true, true, in.bias() != null, prefix, prefix), inputs);
        Map<String, Value> results = new LinkedHashMap<>(Map.of(O, forward.output(0)));
        List<String> gradients = List.of("q", "k", "v", BIAS, "prefix keys", "prefix values");
        for (int i = 0; i < gradients.size(); i++) {
            results.put(gradients.get(i), back.output(i));
        }
        return results;
    }

    /** The fused tangents of the results asked for, when only the operands named move; memory holds NaN before. */
    Map<String, double[]> fused(Collection<String> moving, Collection<String> asked, int threads) {
        Graph graph = fusedGraph(moving, asked);
        try (GraphRun run = new GraphRun(graph, threads, data, batch)) {
            run.poison(batch, data);
            return run.run(batch, data);
        }
    }

    /**
     * The tangents of all results, for each operand that moves alone: where {@code F = sum(do o)} and {@code g} are its gradients by all
     * operands, the Hessian is symmetric, so that the tangents along z are the gradients of {@code <g, z>}.
     */
    Map<String, Map<String, double[]>> reference() {
        Graph graph = twin();
        Map<String, Value> operands = new LinkedHashMap<>();
        operands().forEach(name -> operands.put(name, graph.outputs().get("leaf " + name)));
        List<Value> wanted = List.copyOf(operands.values());
        List<Value> gradients = Gradient.of(Ops.mul(graph.outputs().get(O), operands.get(DO)), wanted);
        List<String> names = operands(), results = results();
        for (int i = 0; i < names.size(); i++) {
            List<Value> tangents = Gradient.of(Ops.mul(gradients.get(i), graph.outputs().get(MOVED + names.get(i))), wanted);
            for (int j = 0; j < results.size(); j++) {
                graph.output("by " + names.get(i) + ": " + results.get(j), tangents.get(j));
            }
        }
        try (GraphRun run = new GraphRun(graph, 1, data, batch)) {
            return byOperand(run.run(batch, data));
        }
    }

    private Graph twin() {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        Leaves leaves = new Leaves(graph, batch);
        operands(leaves).forEach((name, operand) -> {
            graph.output("leaf " + name, operand);
            graph.output(MOVED + name, direction(name, operand));
        });
        graph.output(O, attention(of.inputs(leaves)));
        return Decomposition.of(graph, DType.F64);
    }

    private Map<String, Map<String, double[]>> byOperand(Map<String, double[]> outputs) {
        Map<String, Map<String, double[]>> found = new LinkedHashMap<>();
        for (String operand : operands()) {
            Map<String, double[]> tangents = new LinkedHashMap<>();
            results().forEach(result -> tangents.put(result, outputs.get("by " + operand + ": " + result)));
            found.put(operand, tangents);
        }
        return found;
    }
}
