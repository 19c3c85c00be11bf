package org.primer4j.model.io;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.primer4j.BadInputException;

/** How checkpoints name a model's weights, and whether they are all there. */
final class WeightNames {

    /** Copies of the word embeddings that checkpoints carry. */
    static final String SHARED = "shared.weight";
    static final String LM_HEAD = "lm_head.weight";
    static final List<String> EMBEDDING_COPIES = List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight");

    /** The table that the first T5 checkpoints have and no code ever read. */
    private static final String UNUSED_BIAS = "EncDecAttention.relative_attention_bias.weight";

    private WeightNames() {
    }

    /**
     * The plain name of a tensor in a checkpoint: without the model's prefix, and with LayerNorm's {@code gamma} and
     * {@code beta}, as checkpoints converted from TensorFlow call them, as {@code weight} and {@code bias}.
     */
    static String plain(ModelConfig config, String name) {
        String plain = name.startsWith(config.prefix()) ? name.substring(config.prefix().length()) : name;
        return plain.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight").replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
    }

    /** The name under which transformers looks for a tensor of a model that writes texts; an encoder stands there bare. */
    static String inFile(ModelConfig config, String plain) {
        boolean outside = config instanceof EncoderConfig || plain.equals(BartWeights.LOGITS_BIAS);
        return outside ? plain : config.prefix() + plain;
    }

    /** True for what is in some checkpoints and is no weight. */
    static boolean ignored(String name) {
        return EncoderWeights.isPositionIds(name) || name.endsWith(UNUSED_BIAS);
    }

    /**
     * Checks that all weights are there with the shapes the configuration asks for.
     *
     * @param source  named in errors
     * @param shapeOf shape by plain name, null if there is no such tensor
     */
    static void check(Object source, ModelConfig config, Function<String, long[]> shapeOf) {
        config.weightShapes().forEach((name, expected) -> {
            long[] found = shapeOf.apply(name);
            if (found == null) {
                throw new BadInputException(source + ": tensor '" + name + "' of shape " + Arrays.toString(expected)
                        + " is missing; expected all weights of the " + config.modelType() + " that config.json describes.");
            }
            if (!Arrays.equals(found, expected)) {
                throw new BadInputException(source + ": tensor '" + name + "' has shape " + Arrays.toString(found)
                        + " but the configuration asks for " + Arrays.toString(expected) + ".");
            }
        });
    }
}
