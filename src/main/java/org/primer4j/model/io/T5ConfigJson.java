package org.primer4j.model.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.StreamSupport;

/**
 * {@link T5Config} from and to Hugging Face's {@code config.json}. Until transformers 5, {@code tie_word_embeddings} false stood for both
 * a head of its own and outputs that are not scaled; from then on it is always true, {@code scale_decoder_outputs} says the one, and the
 * weights say the other.
 */
final class T5ConfigJson {

    private static final String TIED = "tie_word_embeddings";
    private static final String SCALE = "scale_decoder_outputs";

    private T5ConfigJson() {
    }

    static T5Config read(ConfigFields f) {
        f.require("is_encoder_decoder", true, "a model with an encoder and a decoder");
        f.require("is_decoder", false, "a model with an encoder and a decoder");
        boolean multilingual = f.text("model_type").equals("mt5");
        boolean tied = f.truth(TIED, !multilingual);
        int layers = f.whole("num_layers");
        return new T5Config(f.text("model_type"), f.whole("vocab_size"), f.whole("d_model"), f.whole("d_kv"), f.whole("num_heads"), f.whole("d_ff"),
                layers, f.whole("num_decoder_layers", layers), f.whole("relative_attention_num_buckets"),
                f.whole("relative_attention_max_distance", 128), f.number("layer_norm_epsilon"),
                f.text("feed_forward_proj", multilingual ? "gated-gelu" : "relu"), !tied, f.truth(SCALE, tied && !multilingual),
                f.whole("pad_token_id"), f.whole("eos_token_id"), decoderStart(f), f.number("dropout_rate"));
    }

    private static int decoderStart(ConfigFields f) {
        if (!f.has("decoder_start_token_id")) {
            throw f.bad("decoder_start_token_id is missing; expected the id that the decoder reads first, which is T5's pad_token_id 0");
        }
        return f.whole("decoder_start_token_id");
    }

    /** Whether the weights alone say if the head is the word embeddings. */
    static boolean weightsDecideHead(ConfigFields f) {
        return f.has(SCALE) || f.text("model_type").equals("mt5");
    }

    /** Whether the file was written for a model without a head, whose weights cannot say whether it has one of its own. */
    static boolean savedWithoutHead(ConfigFields f) {
        JsonNode architectures = f.root().path("architectures");
        return !architectures.isEmpty() && StreamSupport.stream(architectures.spliterator(), false)
                .noneMatch(name -> name.asText().endsWith("ForConditionalGeneration"));
    }

    static String write(T5Config config) {
        ObjectNode json = ConfigJson.object();
        json.putArray("architectures").add(config.modelType().equals("t5") ? "T5ForConditionalGeneration" : "MT5ForConditionalGeneration");
        json.put("d_ff", config.ffn());
        json.put("d_kv", config.headSize());
        json.put("d_model", config.hiddenSize());
        json.put("decoder_start_token_id", config.decoderStartTokenId());
        json.put("dropout_rate", config.dropout());
        json.put("eos_token_id", config.eosTokenId());
        json.put("feed_forward_proj", config.feedForward());
        json.put("is_encoder_decoder", true);
        json.put("layer_norm_epsilon", config.rmsNormEps());
        json.put("model_type", config.modelType());
        json.put("num_decoder_layers", config.decoderLayers());
        json.put("num_heads", config.heads());
        json.put("num_layers", config.encoderLayers());
        json.put("pad_token_id", config.padTokenId());
        json.put("relative_attention_max_distance", config.maxDistance());
        json.put("relative_attention_num_buckets", config.buckets());
        json.put(SCALE, config.scaleDecoderOutputs());
        json.put(TIED, !config.ownHead());
        json.put("torch_dtype", "float32");
        json.put("vocab_size", config.vocabSize());
        return ConfigJson.print(json);
    }
}
