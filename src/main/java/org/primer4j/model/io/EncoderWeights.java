package org.primer4j.model.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of a BERT-family encoder's weights, as transformers names them, without the model's prefix. */
final class EncoderWeights {

    /** Tasks' heads and buffers that may stand beside the encoder's own weights. */
    private static final List<String> HEADS = List.of("cls.", "classifier.", "pooler.", "lm_head.");
    private static final String POSITION_IDS = "position_ids";

    private EncoderWeights() {
    }

    /** Every weight the encoder needs, with its shape; linear weights are [out, in]. */
    static Map<String, long[]> shapes(EncoderConfig config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        int d = config.hiddenSize();
        shapes.put("embeddings.word_embeddings.weight", new long[] {config.vocabSize(), d});
        shapes.put("embeddings.position_embeddings.weight", new long[] {config.maxPositions(), d});
        shapes.put("embeddings.token_type_embeddings.weight", new long[] {config.typeVocabSize(), d});
        putNorm(shapes, "embeddings.LayerNorm", d);
        for (int i = 0; i < config.layers(); i++) {
            putLayer(shapes, "encoder.layer." + i + ".", d, config.intermediateSize());
        }
        return shapes;
    }

    private static void putLayer(Map<String, long[]> shapes, String layer, int d, int intermediate) {
        for (String projection : List.of("query", "key", "value")) {
            putLinear(shapes, layer + "attention.self." + projection, d, d);
        }
        putLinear(shapes, layer + "attention.output.dense", d, d);
        putNorm(shapes, layer + "attention.output.LayerNorm", d);
        putLinear(shapes, layer + "intermediate.dense", intermediate, d);
        putLinear(shapes, layer + "output.dense", d, intermediate);
        putNorm(shapes, layer + "output.LayerNorm", d);
    }

    private static void putLinear(Map<String, long[]> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private static void putNorm(Map<String, long[]> shapes, String name, int d) {
        shapes.put(name + ".weight", new long[] {d});
        shapes.put(name + ".bias", new long[] {d});
    }

    /** True for the buffer that some checkpoints carry; it is 0, 1, 2, ... and not a weight. */
    static boolean isPositionIds(String name) {
        return name.equals(POSITION_IDS) || name.endsWith("." + POSITION_IDS);
    }

    /** True for a tensor of a known head. */
    static boolean isHead(String plainName) {
        return HEADS.stream().anyMatch(plainName::startsWith);
    }
}
