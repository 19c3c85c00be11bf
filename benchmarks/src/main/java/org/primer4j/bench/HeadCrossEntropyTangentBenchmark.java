package org.primer4j.bench;

import java.util.Arrays;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.HeadCrossEntropy;

/** head_cross_entropy_tangent with slope's tangent, at HeadCrossEntropy's sizes: the hidden states move, the weight is frozen. */
public class HeadCrossEntropyTangentBenchmark extends OpBenchmark {

    private static final int VOCABULARY = BenchModel.MINILM.vocabSize();
    private static final double SMOOTHING = 0.1;

    // Reads lse and slope as inputs: the kernel's time does not depend on them.
    @Override
    Value build(Graph graph, Axis rows) {
        return graph.add(new HeadCrossEntropy.Tangent(SMOOTHING), input(graph, rows, "h", WIDTH), graph.weight("words", VOCABULARY, WIDTH), null,
            graph.indices("label", rows, new IndexLimits.Below(VOCABULARY)), input(graph, rows, "row_weight", 1), input(graph, rows, "lse", 1),
            input(graph, rows, "slope", WIDTH), input(graph, rows, "moved_h", WIDTH), null, null).output(2);
    }

    @Override
    void fill(Program program) {
        float[] ones = new float[tokens];
        Arrays.fill(ones, 1);
        program.input("row_weight").put(0, ones);
        putIndices(program, "label", tokens, VOCABULARY);
    }
}
