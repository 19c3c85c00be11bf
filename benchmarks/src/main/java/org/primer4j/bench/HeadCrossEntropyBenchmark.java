package org.primer4j.bench;

import java.util.Arrays;
import java.util.List;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** head_cross_entropy: width 384, MiniLM's vocabulary, frozen weight, label smoothing; backward to the hidden states. */
public class HeadCrossEntropyBenchmark extends GradientBenchmark {

    private static final int VOCABULARY = BenchModel.MINILM.vocabSize();
    private static final double SMOOTHING = 0.1;

    @Override
    Value build(Graph graph, Axis rows) {
        return build(graph, rows, false);
    }

    @Override
    Value buildTraining(Graph graph, Axis rows) {
        return build(graph, rows, true);
    }

    private static Value build(Graph graph, Axis rows, boolean training) {
        Value label = graph.indices("label", rows, new IndexLimits.Below(VOCABULARY));
        return Ops.headCrossEntropy(input(graph, rows, "h", WIDTH), graph.weight("words", VOCABULARY, WIDTH), null, label,
            input(graph, rows, "row_weight", 1), SMOOTHING, training);
    }

    @Override
    List<Value> wanted(Graph graph) {
        return super.wanted(graph).stream().filter(value -> value.cols() == WIDTH).toList();
    }

    @Override
    void fill(Program program) {
        float[] ones = new float[tokens];
        Arrays.fill(ones, 1);
        program.input("row_weight").put(0, ones);
        putIndices(program, "label", tokens, VOCABULARY);
    }
}
