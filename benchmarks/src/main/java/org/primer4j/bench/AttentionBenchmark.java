package org.primer4j.bench;

import org.openjdk.jmh.annotations.Param;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.Prefix;

/** attention: 12 heads of width 32, sequences of one length. */
public class AttentionBenchmark extends GradientBenchmark {

    private static final int PREFIX = 30;
    /** Keys for each query in cross-attention. */
    private static final int RATIO = 4;

    /** Self-attention of an encoder; of a decoder; of an encoder with a prefix of 30; a decoder's attention to four keys for each query. */
    public enum Kind { FULL, CAUSAL, PREFIX, CROSS }

    /** Which. */
    @Param
    public Kind kind;

    /** Keys of a sequence. */
    @Param({"32", "128", "512"})
    public int length;

    @Override
    Value build(Graph graph, Axis rows) {
        boolean cross = kind == Kind.CROSS;
        Axis sequences = graph.axis(OpSizes.SEQUENCES, sequences());
        Axis keys = cross ? graph.axis("keys", sequences() * length) : rows;
        Value queryOffsets = graph.offsets("query_offsets", sequences, rows, queries());
        Value keyOffsets = cross ? graph.offsets("key_offsets", sequences, keys, length) : queryOffsets;
        Attention full = Attention.full(BenchModel.MINILM.heads(), WIDTH);
        return Ops.attention(new Attention(full.heads(), kind == Kind.CAUSAL, full.scale(), null), input(graph, rows, "q", WIDTH),
            input(graph, keys, "k", WIDTH), input(graph, keys, "v", WIDTH), queryOffsets, keyOffsets, null, prefix(graph));
    }

    private Prefix prefix(Graph graph) {
        return kind == Kind.PREFIX ? new Prefix(graph.parameter("prefix.keys", PREFIX, WIDTH), graph.parameter("prefix.values", PREFIX, WIDTH)) : null;
    }

    private int queries() {
        return kind == Kind.CROSS ? length / RATIO : length;
    }

    private int sequences() {
        if (tokens % queries() != 0) {
            throw new IllegalArgumentException("tokens is " + tokens + ", no multiple of the " + queries() + " queries of a sequence");
        }
        return tokens / queries();
    }

    @Override
    void fill(Program program) {
        putOffsets(program, "query_offsets", sequences(), queries());
        if (kind == Kind.CROSS) {
            putOffsets(program, "key_offsets", sequences(), length);
        }
    }
}
