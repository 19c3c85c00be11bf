package org.primer4j.model.io;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@link BartConfig} from and to Hugging Face's {@code config.json}. */
final class BartConfigJson {

    private BartConfigJson() {
    }

    static BartConfig read(ConfigFields f) {
        refuseOthers(f);
        return new BartConfig(f.whole("vocab_size"), f.whole("d_model"), stack(f, "encoder"), stack(f, "decoder"),
                f.whole("max_position_embeddings"), f.text("activation_function"), f.truth("scale_embedding", false),
                f.whole("pad_token_id"), f.whole("bos_token_id"), f.whole("eos_token_id"), f.whole("decoder_start_token_id", f.whole("eos_token_id")),
                f.optionalWhole("forced_bos_token_id"), f.optionalWhole("forced_eos_token_id"),
                f.number("dropout"), f.number("activation_dropout"), f.number("attention_dropout"));
    }

    private static BartConfig.Stack stack(ConfigFields f, String stack) {
        return new BartConfig.Stack(f.whole(stack + "_layers"), f.whole(stack + "_attention_heads"), f.whole(stack + "_ffn_dim"));
    }

    // Fields of early checkpoints that ask for another architecture, such as mBART's.
    private static void refuseOthers(ConfigFields f) {
        f.require("is_encoder_decoder", true, "a model with an encoder and a decoder");
        f.require("is_decoder", false, "a model with an encoder and a decoder");
        f.require("tie_word_embeddings", true, "BART's one table for both stacks and the head");
        f.require("normalize_before", false, "LayerNorm after each block");
        f.require("normalize_embedding", true, "LayerNorm after the embeddings");
        f.require("add_final_layer_norm", false, "no LayerNorm after a stack");
        f.require("static_position_embeddings", false, "learned positions");
        f.require("extra_pos_embeddings", BartConfig.POSITION_OFFSET, "positions from row 2 on");
        f.require("encoder_layerdrop", 0, "0, as layers are never dropped");
        f.require("decoder_layerdrop", 0, "0, as layers are never dropped");
    }

    static String write(BartConfig config) {
        ObjectNode json = ConfigJson.object();
        json.putArray("architectures").add("BartForConditionalGeneration");
        json.put("activation_dropout", config.activationDropout());
        json.put("activation_function", config.activation());
        json.put("attention_dropout", config.attentionDropout());
        json.put("bos_token_id", config.bosTokenId());
        json.put("d_model", config.hiddenSize());
        writeStack(json, "decoder", config.decoder());
        json.put("decoder_start_token_id", config.decoderStartTokenId());
        json.put("dropout", config.dropout());
        writeStack(json, "encoder", config.encoder());
        json.put("eos_token_id", config.eosTokenId());
        json.put("forced_bos_token_id", config.forcedBosTokenId());
        json.put("forced_eos_token_id", config.forcedEosTokenId());
        json.put("is_encoder_decoder", true);
        json.put("max_position_embeddings", config.maxPositions());
        json.put("model_type", config.modelType());
        json.put("pad_token_id", config.padTokenId());
        json.put("scale_embedding", config.scaleEmbedding());
        json.put("tie_word_embeddings", true);
        json.put("torch_dtype", "float32");
        json.put("vocab_size", config.vocabSize());
        return ConfigJson.print(json);
    }

    private static void writeStack(ObjectNode json, String name, BartConfig.Stack stack) {
        json.put(name + "_attention_heads", stack.heads());
        json.put(name + "_ffn_dim", stack.ffn());
        json.put(name + "_layerdrop", 0.0);
        json.put(name + "_layers", stack.layers());
    }
}
