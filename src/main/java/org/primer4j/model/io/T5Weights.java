package org.primer4j.model.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of T5's weights, as transformers names them. No linear layer has a bias. */
final class T5Weights {

    private T5Weights() {
    }

    static Map<String, long[]> shapes(T5Config config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WeightNames.SHARED, new long[] {config.vocabSize(), config.hiddenSize()});
        putStack(shapes, config, "encoder", config.encoderLayers(), List.of("SelfAttention"));
        putStack(shapes, config, "decoder", config.decoderLayers(), List.of("SelfAttention", "EncDecAttention"));
        if (config.ownHead()) {
            shapes.put(WeightNames.LM_HEAD, new long[] {config.vocabSize(), config.hiddenSize()});
        }
        return shapes;
    }

    private static void putStack(Map<String, long[]> shapes, T5Config config, String stack, int layers, List<String> attentions) {
        shapes.put(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight", new long[] {config.buckets(), config.heads()});
        for (int i = 0; i < layers; i++) {
            String block = stack + ".block." + i + ".layer.";
            for (int j = 0; j < attentions.size(); j++) {
                putAttention(shapes, config, block + j + ".", attentions.get(j));
            }
            putFeedForward(shapes, config, block + attentions.size() + ".");
        }
        shapes.put(stack + ".final_layer_norm.weight", new long[] {config.hiddenSize()});
    }

    private static void putAttention(Map<String, long[]> shapes, T5Config config, String layer, String attention) {
        int d = config.hiddenSize();
        for (String projection : List.of("q", "k", "v")) {
            shapes.put(layer + attention + "." + projection + ".weight", new long[] {config.innerSize(), d});
        }
        shapes.put(layer + attention + ".o.weight", new long[] {d, config.innerSize()});
        shapes.put(layer + "layer_norm.weight", new long[] {d});
    }

    private static void putFeedForward(Map<String, long[]> shapes, T5Config config, String layer) {
        int d = config.hiddenSize();
        for (String in : config.gated() ? List.of("wi_0", "wi_1") : List.of("wi")) {
            shapes.put(layer + "DenseReluDense." + in + ".weight", new long[] {config.ffn(), d});
        }
        shapes.put(layer + "DenseReluDense.wo.weight", new long[] {d, config.ffn()});
        shapes.put(layer + "layer_norm.weight", new long[] {d});
    }
}
