package org.primer4j.bench;

import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Param;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.io.EncoderConfig;

/** embedding: MiniLM's tables; random ids. Trained without a prompt; frozen beside one, which half of the ids name. */
public class EmbeddingBenchmark extends GradientBenchmark {

    private static final EncoderConfig SIZES = BenchModel.MINILM;

    /** Virtual tokens. */
    @Param({"0", "100"})
    public int prompt;

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.embedding(table(graph, "words", SIZES.vocabSize()), 1, table(graph, "positions", SIZES.maxPositions()),
            table(graph, "types", SIZES.typeVocabSize()), prompt == 0 ? null : graph.parameter("prompt", prompt, WIDTH),
            graph.indices("ids", rows, new IndexLimits.Below(SIZES.vocabSize() + prompt)),
            graph.indices("position_ids", rows, new IndexLimits.Below(SIZES.maxPositions())),
            graph.indices("type_ids", rows, new IndexLimits.Below(SIZES.typeVocabSize())));
    }

    private Value table(Graph graph, String name, int rows) {
        return prompt == 0 ? graph.parameter(name, rows, WIDTH) : graph.weight(name, rows, WIDTH);
    }

    @Override
    void fill(Program program) {
        putIndices(program, "ids", tokens, SIZES.vocabSize());
        for (int i = 0; prompt > 0 && i < tokens; i += 2) {
            program.input("ids").put(i, SIZES.vocabSize() + i % prompt);
        }
        program.input("position_ids").put(0, IntStream.range(0, tokens).map(i -> i % SIZES.maxPositions()).toArray(), tokens);
        program.input("type_ids").put(0, new int[tokens], tokens);
    }

    // Forward reads one row of each table for every row it writes; backward writes whole tables.
    @Override
    double bytes(Node node) {
        double rows = 4.0 * tokens * WIDTH * Float.BYTES;
        return node.op().name().equals("embedding") ? rows : super.bytes(node);
    }
}
