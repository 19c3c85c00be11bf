package org.primer4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;

/**
 * attention_tangent ({@code forward}) and attention_backward_tangent, alone, where all of q, k, v and do move; beside them
 * attention_backward. 12 heads of width 64, as BART-base has; sequences of one length.
 */
public class AttentionTangentBenchmark extends OpBenchmark {

    private static final int HEADS = 12, D = 64 * HEADS;
    private static final Attention KIND = Attention.full(HEADS, D);
    private static final Attention.Backward GRADIENTS = new Attention.Backward(KIND, true, true, true, false, false, false);

    /** Tokens of a sequence. */
    @Param({"32", "128"})
    public int length;

    private Job backward;
    private Job backwardTangent;

    /** Reads lse as an input: the kernels' time does not depend on it. */
    private record Inputs(Graph graph, Axis rows, Value offsets) {

        List<Value> forward() {
            return Arrays.asList(in("q"), in("k"), in("v"), offsets, offsets, null, null, null, input(graph, rows, "lse", HEADS));
        }

        List<Value> backward() {
            List<Value> inputs = new ArrayList<>(List.of(in("do")));
            inputs.addAll(forward());
            return inputs;
        }

        List<Value> with(List<Value> inputs, Value... tangents) {
            List<Value> all = new ArrayList<>(inputs);
            all.addAll(Arrays.asList(tangents));
            all.addAll(Arrays.asList(in("moved_q"), in("moved_k"), in("moved_v"), null, null, null));
            return all;
        }

        private Value in(String name) {
            return input(graph, rows, name, D);
        }
    }

    private Inputs inputs(Graph graph) {
        Axis rows = graph.axis(OpSizes.TOKENS, tokens), sequences = graph.axis(OpSizes.SEQUENCES, sequences());
        return new Inputs(graph, rows, graph.offsets("offsets", sequences, rows, length));
    }

    @Override
    Value build(Graph graph, Axis rows) {
        Inputs in = inputs(graph);
        return graph.append(new Attention.Tangent(KIND), in.with(in.forward())).output(0);
    }

    @Setup
    public void prepareBackward() {
        Inputs still = inputs(new Graph(1, DType.F32)), moving = inputs(new Graph(1, DType.F32));
        backward = job(still.graph(), GRADIENTS, still.backward());
        backwardTangent = job(moving.graph(), new Attention.BackwardTangent(GRADIENTS), moving.with(moving.backward(), moving.in("moved_do")));
    }

    private Job job(Graph graph, Op op, List<Value> inputs) {
        Node node = graph.append(op, inputs);
        for (int i = 0; i < 3; i++) {
            graph.output("gradient" + i, node.output(i));
        }
        return prepare(graph);
    }

    private int sequences() {
        if (tokens % length != 0) {
            throw new IllegalArgumentException("tokens is " + tokens + ", no multiple of the " + length + " tokens of a sequence");
        }
        return tokens / length;
    }

    @Override
    void fill(Program program) {
        putOffsets(program, "offsets", sequences(), length);
    }

    @Benchmark
    public void backward(Counters work) {
        backward.run(work);
    }

    @Benchmark
    public void backwardTangent(Counters work) {
        backwardTangent.run(work);
    }
}
