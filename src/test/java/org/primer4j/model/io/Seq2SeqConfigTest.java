package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.graph.ops.Activation;

class Seq2SeqConfigTest {

    static final BartConfig BART = new BartConfig(9, 6, new BartConfig.Stack(1, 3, 5), new BartConfig.Stack(2, 2, 7), 4, "gelu", true, 1, 0, 2, 2,
        0, null, 0.1, 0.2, 0);
    static final T5Config T5 = new T5Config("t5", 9, 6, 4, 3, 5, 1, 2, 8, 12, 1e-6, "relu", false, true, 0, 1, 0, 0.1);
    static final T5Config GATED = new T5Config("t5", 9, 6, 4, 3, 5, 1, 2, 8, 12, 1e-6, "gated-gelu", true, false, 0, 1, 0, 0.1);

    @TempDir
    Path folder;

    private ModelConfig read(String json) throws IOException {
        return ModelConfig.read(Files.writeString(folder.resolve("config.json"), json));
    }

    private void refused(String json, Object... fragments) {
        assertRefused(() -> read(json), fragments);
        assertRefused(() -> read(json), folder.resolve("config.json"));
    }

    private static String with(ModelConfig config, String field, String value) {
        String json = config.toJson(), now = Matcher.quoteReplacement(value);
        return json.contains('"' + field + '"') ? json.replaceFirst("\"" + field + "\" : [^,\n]+", "\"" + field + "\" : " + now)
            : json.replaceFirst("\\{", "{\"" + field + "\":" + now + ",");
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        assertEquals(BART, read(BART.toJson()));
        assertEquals(T5, read(T5.toJson()));
        assertEquals(GATED, read(GATED.toJson()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads",
        "encoder_ffn_dim", "decoder_ffn_dim", "max_position_embeddings", "activation_function", "pad_token_id", "bos_token_id", "eos_token_id",
        "dropout", "activation_dropout", "attention_dropout", "model_type"})
    void bartNeedsItsFields(String field) {
        refused(BART.toJson().replace('"' + field + '"', "\"other\""), field + " is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\'', value = {"vocab_size; 0", "d_model; 7", "d_model; 2000000000", "encoder_layers; 0",
        "decoder_layers; 99999", "encoder_attention_heads; 4", "decoder_attention_heads; 0", "encoder_ffn_dim; -1", "decoder_ffn_dim; 1e3",
        "max_position_embeddings; 0", "activation_function; \"tanh\"", "activation_function; 3", "scale_embedding; 1", "pad_token_id; 9",
        "bos_token_id; -1", "eos_token_id; [2]", "decoder_start_token_id; 9", "forced_bos_token_id; 9", "forced_eos_token_id; -1", "dropout; 1",
        "activation_dropout; -0.1", "attention_dropout; \"x\"", "tie_word_embeddings; false", "normalize_before; true",
        "normalize_embedding; false", "add_final_layer_norm; true", "static_position_embeddings; true", "extra_pos_embeddings; 0",
        "encoder_layerdrop; 0.1", "decoder_layerdrop; 0.1", "is_encoder_decoder; false", "is_decoder; true", "quantization_config; {}"})
    void bartRefusesByName(String field, String value) {
        refused(with(BART, field, value), field);
    }

    @Test
    void oldAndNewBartFilesMayLeaveOutDefaults() throws IOException {
        String json = BART.toJson().replace("\"scale_embedding\" : true,", "").replace("\"tie_word_embeddings\" : true,", "")
            .replace("\"decoder_start_token_id\" : 2,", "").replace("\"forced_bos_token_id\" : 0,", "");
        BartConfig read = (BartConfig) read(json);
        assertFalse(read.scaleEmbedding());
        assertEquals(null, read.forcedBosTokenId());
        assertEquals(BART.eosTokenId(), read.decoderStartTokenId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads", "relative_attention_num_buckets",
        "layer_norm_epsilon", "pad_token_id", "eos_token_id", "decoder_start_token_id", "dropout_rate"})
    void t5NeedsItsFields(String field) {
        refused(T5.toJson().replace('"' + field + '"', "\"other\""), field + " is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\'', value = {"vocab_size; 0", "d_model; 0", "d_kv; 2000000000", "num_heads; 100000",
        "num_heads; 0", "d_ff; null", "num_layers; 0", "num_decoder_layers; 5000", "relative_attention_num_buckets; 7",
        "relative_attention_num_buckets; 2", "relative_attention_max_distance; 4", "layer_norm_epsilon; 0", "feed_forward_proj; \"gated-\"",
        "feed_forward_proj; \"gated-tanh\"", "feed_forward_proj; \"mish\"", "dropout_rate; 1", "pad_token_id; 9", "eos_token_id; -1",
        "decoder_start_token_id; 10", "is_encoder_decoder; false", "tie_word_embeddings; 0", "scale_decoder_outputs; \"yes\""})
    void t5RefusesByName(String field, String value) {
        refused(with(T5, field, value), field);
    }

    @Test
    void theFirstT5FilesSayLess() throws IOException {
        String json = T5.toJson().replaceFirst(" *\"feed_forward_proj\"[^\n]+\n", "").replaceFirst(" *\"num_decoder_layers\"[^\n]+\n", "")
            .replaceFirst(" *\"relative_attention_max_distance\"[^\n]+\n", "").replaceFirst(" *\"tie_word_embeddings\"[^\n]+\n", "")
            .replaceFirst(" *\"scale_decoder_outputs\"[^\n]+\n", "");
        assertEquals(new T5Config("t5", 9, 6, 4, 3, 5, 1, 1, 8, 128, 1e-6, "relu", false, true, 0, 1, 0, 0.1), read(json));
    }

    @ParameterizedTest
    @CsvSource({"t5, false, , true, false", "t5, true, , false, true", "t5, true, false, false, false", "mt5, false, , true, false",
        "mt5, true, , false, false"})
    void headAndScale(String type, String tied, String scale, boolean ownHead, boolean scales) throws IOException {
        String json = with(T5, "tie_word_embeddings", tied).replace("\"model_type\" : \"t5\"", "\"model_type\" : \"" + type + "\"");
        json = json.replaceFirst(" *\"scale_decoder_outputs\"[^\n]+\n", scale == null ? "" : "\"scale_decoder_outputs\":" + scale + ",");
        T5Config read = (T5Config) read(json);
        assertEquals(ownHead, read.ownHead());
        assertEquals(scales, read.scaleDecoderOutputs());
    }

    @ParameterizedTest
    @CsvSource({"relu, RELU, false", "gelu, GELU, false", "gated-gelu, GELU_TANH, true", "gated-silu, SILU, true", "gelu_new, GELU_TANH, false"})
    void feedForward(String name, Activation activation, boolean gated) throws IOException {
        T5Config read = (T5Config) read(with(T5, "feed_forward_proj", '"' + name + '"'));
        assertEquals(activation, read.activationFunction());
        assertEquals(gated, read.gated());
    }

    @Test
    void oneKindOfModelIsNotAnother() {
        assertRefusedKind(assertThrows(BadInputException.class, BART::asEncoder), "bart");
        assertRefusedKind(assertThrows(BadInputException.class, EncoderConfigTest.TINY::asSeq2Seq), "bert");
        assertEquals(BART, BART.asSeq2Seq());
        assertEquals(Integer.MAX_VALUE, T5.maxPositions());
    }

    private static void assertRefusedKind(BadInputException e, String type) {
        assertTrue(e.getMessage().contains(type) && e.getMessage().contains("expected"), e.getMessage());
    }
}
