package org.primer4j.model.io;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@link EncoderConfig} from and to Hugging Face's {@code config.json}. */
final class EncoderConfigJson {

    private EncoderConfigJson() {
    }

    static EncoderConfig read(ConfigFields f) {
        String positions = f.text("position_embedding_type", "absolute");
        if (!positions.equals("absolute")) {
            throw f.bad("found position_embedding_type " + Text.shorten(positions) + "; expected absolute");
        }
        f.require("is_decoder", false, "an encoder");
        f.require("add_cross_attention", false, "an encoder");
        return new EncoderConfig(f.text("model_type"), f.whole("vocab_size"), f.whole("hidden_size"),
                f.whole("num_hidden_layers"), f.whole("num_attention_heads"), f.whole("intermediate_size"),
                f.whole("max_position_embeddings"), f.whole("type_vocab_size"), f.number("layer_norm_eps"),
                f.text("hidden_act"), f.whole("pad_token_id"), f.number("hidden_dropout_prob"),
                f.number("attention_probs_dropout_prob"));
    }

    static String write(EncoderConfig config) {
        ObjectNode json = ConfigJson.object();
        json.putArray("architectures").add(config.modelType().equals("bert") ? "BertModel" : "RobertaModel");
        json.put("attention_probs_dropout_prob", config.attentionDropout());
        json.put("hidden_act", config.activation());
        json.put("hidden_dropout_prob", config.hiddenDropout());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("layer_norm_eps", config.layerNormEps());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("model_type", config.modelType());
        json.put("num_attention_heads", config.heads());
        json.put("num_hidden_layers", config.layers());
        json.put("pad_token_id", config.padTokenId());
        json.put("position_embedding_type", "absolute");
        json.put("torch_dtype", "float32");
        json.put("type_vocab_size", config.typeVocabSize());
        json.put("vocab_size", config.vocabSize());
        return ConfigJson.print(json);
    }
}
