package org.primer4j.graph;

import static org.primer4j.graph.Ops.adapter;
import static org.primer4j.graph.Ops.addLayerNorm;
import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.attention;
import static org.primer4j.graph.Ops.embedding;
import static org.primer4j.graph.Ops.l2Normalize;
import static org.primer4j.graph.Ops.layerNorm;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.linearGelu;
import static org.primer4j.graph.Ops.loraLinear;
import static org.primer4j.graph.Ops.matchScores;
import static org.primer4j.graph.Ops.meanPool;
import static org.primer4j.graph.Ops.segmentCrossEntropy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.ops.Dropout;

/** A two-layer post-LN encoder of odd widths with the matching loss: a law of the engine as a whole is tested on it. */
final class SmallEncoder {

    private static final int WIDTH = 12;
    private static final int HEADS = 3;
    private static final int INNER = 21;
    private static final int LAYERS = 2;
    private static final int VOCABULARY = 17;
    private static final double EPS = 1e-5;
    private static final String CANDIDATES = "candidates";
    private static final String EXAMPLES = "examples";

    private SmallEncoder() {}

    /** Adds examples of 1 to 3 candidates each, as many as a lane has sequences. */
    static Batch withExamples(Batch batch) {
        int[][] lengths = Arrays.stream(batch.rows().get(Batch.SEQUENCES)).mapToObj(SmallEncoder::candidates).toArray(int[][]::new);
        return batch.cut(EXAMPLES, CANDIDATES, lengths);
    }

    private static int[] candidates(int examples) {
        int[] counts = new int[examples];
        Arrays.setAll(counts, e -> 3 - e % 3);
        return counts;
    }

    /** Every weight trained. */
    static Value trained(Leaves l) {
        Value h = embed(l, true);
        for (int i = 0; i < LAYERS; i++) {
            String at = "layer" + i + ".";
            Value a = attention(dense(l, h, at + "q", WIDTH), dense(l, h, at + "k", WIDTH), dense(l, h, at + "v", WIDTH), l.sequences(), HEADS);
            h = norm(l, dense(l, a, at + "o", WIDTH), h, at + "norm1", true);
            Value inner = linearGelu(h, l.parameter(at + "up.w", INNER, WIDTH), l.parameter(at + "up.b", 1, INNER));
            h = norm(l, dense(l, inner, at + "down", WIDTH), h, at + "norm2", true);
        }
        return loss(l, h);
    }

    /** Frozen but for LoRA on queries and values, and an adapter after the feed-forward network; with dropout. */
    static Value adapted(Leaves l) {
        Value h = embed(l, false), key = l.graph().laneIntegers("key", 3);
        for (int i = 0; i < LAYERS; i++) {
            String at = "layer" + i + ".";
            Value u = Dropout.of(h, key, 0.1, Dropout.site(at));
            Value a = attention(lora(l, h, u, at + "q"), frozen(l, h, at + "k", WIDTH), lora(l, h, u, at + "v"), l.sequences(), HEADS);
            h = norm(l, frozen(l, a, at + "o", WIDTH), h, at + "norm1", false);
            Value inner = linearGelu(h, l.frozen(at + "up.w", INNER, WIDTH), l.frozen(at + "up.b", 1, INNER));
            Value out = adapter(frozen(l, inner, at + "down", WIDTH), l.parameter(at + "a.down", 5, WIDTH), l.parameter(at + "a.down_bias", 1, 5),
                l.parameter(at + "a.up", WIDTH, 5), l.parameter(at + "a.up_bias", 1, WIDTH));
            h = norm(l, out, h, at + "norm2", false);
        }
        return loss(l, h);
    }

    private static Value embed(Leaves l, boolean trained) {
        List<Value> tables = new ArrayList<>();
        int[] sizes = {VOCABULARY, 9, 2};
        for (int i = 0; i < sizes.length; i++) {
            tables.add(trained ? l.parameter("table" + i, sizes[i], WIDTH) : l.frozen("table" + i, sizes[i], WIDTH));
        }
        Value y = embedding(tables.get(0), tables.get(1), tables.get(2), l.below("ids", Batch.TOKENS, VOCABULARY),
            l.below("positions", Batch.TOKENS, sizes[1]), l.below("types", Batch.TOKENS, sizes[2]));
        return layerNorm(y, gain(l, "norm0", trained), shift(l, "norm0", trained), EPS);
    }

    private static Value dense(Leaves l, Value x, String name, int out) {
        return linear(x, l.parameter(name + ".w", out, x.cols()), l.parameter(name + ".b", 1, out));
    }

    private static Value frozen(Leaves l, Value x, String name, int out) {
        return linear(x, l.frozen(name + ".w", out, x.cols()), l.frozen(name + ".b", 1, out));
    }

    private static Value lora(Leaves l, Value x, Value u, String name) {
        return loraLinear(x, u, l.frozen(name + ".w", WIDTH, WIDTH), l.frozen(name + ".b", 1, WIDTH), l.parameter(name + ".lora_a", 3, WIDTH),
            l.parameter(name + ".lora_b", WIDTH, 3), 2);
    }

    private static Value norm(Leaves l, Value x, Value residual, String name, boolean trained) {
        return addLayerNorm(x, residual, gain(l, name, trained), shift(l, name, trained), EPS);
    }

    // Around 1, as in models: with smaller gains the shifts make all embeddings alike, and gradients cancel.
    private static Value gain(Leaves l, String name, boolean trained) {
        return addScalar(trained ? l.parameter(name + ".g", 1, WIDTH) : l.frozen(name + ".g", 1, WIDTH), 1);
    }

    private static Value shift(Leaves l, String name, boolean trained) {
        return trained ? l.parameter(name + ".b", 1, WIDTH) : l.frozen(name + ".b", 1, WIDTH);
    }

    private static Value loss(Leaves l, Value h) {
        Value e = l2Normalize(meanPool(h, l.sequences()));
        Value scores = matchScores(e, l.rowsOf("left", CANDIDATES, Batch.SEQUENCES), l.rowsOf("right", CANDIDATES, Batch.SEQUENCES), 5);
        Value offsets = l.offsets(EXAMPLES, CANDIDATES);
        return segmentCrossEntropy(scores, offsets, l.within("label", offsets), l.constant("weight", EXAMPLES, 1)).output(0);
    }
}
