package org.primer4j.bench;

import org.openjdk.jmh.annotations.Param;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** head_top_k: width 384, MiniLM's vocabulary, nothing banned; {@code -p tokens=64} are 16 sources with 4 beams. */
public class HeadTopKBenchmark extends OpBenchmark {

    private static final int VOCABULARY = BenchModel.MINILM.vocabSize();

    /** Tokens found for each row: 1 for greedy search, twice the beams for 4. */
    @Param({"1", "8"})
    public int k;

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.headTopK(input(graph, rows, "h", WIDTH), graph.weight("words", VOCABULARY, WIDTH), null, null, null, k, false).output(0);
    }
}
