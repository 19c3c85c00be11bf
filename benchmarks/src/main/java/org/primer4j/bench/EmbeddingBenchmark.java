package org.primer4j.bench;

import java.util.Arrays;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.random.Philox;

/** embedding: MiniLM's tables, trained; random ids. */
public class EmbeddingBenchmark extends GradientBenchmark {

    private static final EncoderConfig SIZES = BenchModel.MINILM;

    @Override
    Value build(Graph graph, Axis rows) {
        return Ops.embedding(graph.parameter("words", SIZES.vocabSize(), WIDTH), graph.parameter("positions", SIZES.maxPositions(), WIDTH),
            graph.parameter("types", SIZES.typeVocabSize(), WIDTH), graph.indices("ids", rows, new IndexLimits.Below(SIZES.vocabSize())),
            graph.indices("position_ids", rows, new IndexLimits.Below(SIZES.maxPositions())),
            graph.indices("type_ids", rows, new IndexLimits.Below(SIZES.typeVocabSize())));
    }

    @Override
    void fill(Program program, Graph graph) {
        Philox random = new Philox(0, "ids");
        int[] ids = new int[tokens];
        int[] positions = new int[tokens];
        Arrays.setAll(ids, i -> random.nextInt(SIZES.vocabSize()));
        Arrays.setAll(positions, i -> i % SIZES.maxPositions());
        program.input("ids").put(0, ids, tokens);
        program.input("position_ids").put(0, positions, tokens);
        program.input("type_ids").put(0, new int[tokens], tokens);
    }

    // Forward reads one row of each table for every row it writes; backward writes whole tables.
    @Override
    double bytes(Node node) {
        double rows = 4.0 * tokens * WIDTH * Float.BYTES;
        return node.op().name().equals("embedding") ? rows : super.bytes(node);
    }
}
