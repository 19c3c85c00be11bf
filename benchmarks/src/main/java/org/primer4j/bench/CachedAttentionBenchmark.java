package org.primer4j.bench;

import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Param;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.generation.GenerationStorage;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.model.ModelStorage;

/** cached_attention: 12 heads of width 32, one new token a row; {@code -p tokens=64} are 16 sources with 4 beams. */
public class CachedAttentionBenchmark extends OpBenchmark {

    /** Tokens that each row attends to, the new one included. */
    @Param({"8", "64"})
    public int length;

    @Override
    Value build(Graph graph, Axis rows) {
        Axis cache = graph.axis("cache", tokens * length);
        Axis past = graph.axis("past", tokens * length);
        return Ops.cachedAttention(Attention.full(BenchModel.MINILM.heads(), WIDTH), input(graph, rows, "q", WIDTH), input(graph, rows, "k", WIDTH),
            input(graph, rows, "v", WIDTH), graph.state("keys", cache, WIDTH), graph.state("values", cache, WIDTH),
            graph.indices("slot", rows, new IndexLimits.RowOf(cache)), graph.indices("past_rows", past, new IndexLimits.RowOf(cache)),
            graph.offsets("past_offsets", rows, past, length), null, null);
    }

    @Override
    Storage storage(ModelStorage model) {
        return keep(new GenerationStorage(model));
    }

    // As a search lays them out: a position's rows lie together.
    @Override
    void fill(Program program) {
        program.input("slot").put(0, IntStream.range(0, tokens).map(row -> (length - 1) * tokens + row).toArray(), tokens);
        int entries = tokens * length;
        program.input("past_rows").put(0, IntStream.range(0, entries).map(i -> i % length * tokens + i / length).toArray(), entries);
        putOffsets(program, "past_offsets", tokens, length);
    }
}
