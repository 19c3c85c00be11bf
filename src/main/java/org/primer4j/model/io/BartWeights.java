package org.primer4j.model.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of BART's weights, as transformers names them, without {@code model.}. */
final class BartWeights {

    /** Added to the logits; not trained. */
    static final String LOGITS_BIAS = "final_logits_bias";

    private BartWeights() {
    }

    static Map<String, long[]> shapes(BartConfig config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WeightNames.SHARED, new long[] {config.vocabSize(), config.hiddenSize()});
        shapes.put(LOGITS_BIAS, new long[] {1, config.vocabSize()});
        putStack(shapes, config, "encoder", config.encoder(), List.of("self_attn"));
        putStack(shapes, config, "decoder", config.decoder(), List.of("self_attn", "encoder_attn"));
        return shapes;
    }

    private static void putStack(Map<String, long[]> shapes, BartConfig config, String name, BartConfig.Stack stack, List<String> attentions) {
        int d = config.hiddenSize();
        shapes.put(name + ".embed_positions.weight", new long[] {config.maxPositions() + BartConfig.POSITION_OFFSET, d});
        putVectors(shapes, name + ".layernorm_embedding", d);
        for (int i = 0; i < stack.layers(); i++) {
            putLayer(shapes, name + ".layers." + i + ".", attentions, d, stack.ffn());
        }
    }

    private static void putLayer(Map<String, long[]> shapes, String at, List<String> attentions, int d, int ffn) {
        for (String attention : attentions) {
            for (String projection : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
                putLinear(shapes, at + attention + "." + projection, d, d);
            }
            putVectors(shapes, at + attention + "_layer_norm", d);
        }
        putLinear(shapes, at + "fc1", ffn, d);
        putLinear(shapes, at + "fc2", d, ffn);
        putVectors(shapes, at + "final_layer_norm", d);
    }

    private static void putLinear(Map<String, long[]> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private static void putVectors(Map<String, long[]> shapes, String name, int d) {
        shapes.put(name + ".weight", new long[] {d});
        shapes.put(name + ".bias", new long[] {d});
    }
}
