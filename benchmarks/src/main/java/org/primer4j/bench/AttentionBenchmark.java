package org.primer4j.bench;

import java.util.Arrays;
import org.openjdk.jmh.annotations.Param;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** attention: 12 heads of width 32, sequences of one length. */
public class AttentionBenchmark extends GradientBenchmark {

    /** Tokens of a sequence. */
    @Param({"32", "128", "512"})
    public int length;

    @Override
    Value build(Graph graph, Axis rows) {
        Axis sequences = graph.axis("sequences", tokens / length);
        return Ops.attention(input(graph, rows, "q", WIDTH), input(graph, rows, "k", WIDTH), input(graph, rows, "v", WIDTH),
            graph.offsets("offsets", sequences, rows, length), BenchModel.MINILM.heads());
    }

    @Override
    void fill(Program program, Graph graph) {
        int[] offsets = batch().offsets();
        program.setRows(graph.axes().get(1), offsets.length - 1);
        program.input("offsets").put(0, offsets, offsets.length);
    }

    @Override
    BenchBatch batch() {
        int[] offsets = new int[tokens / length + 1];
        Arrays.setAll(offsets, i -> i * length);
        return new BenchBatch(new int[tokens], new int[tokens], offsets, new int[offsets.length - 1]);
    }
}
