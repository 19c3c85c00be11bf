package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class EncoderConfigTest {

    static final EncoderConfig TINY = new EncoderConfig("bert", 7, 6, 2, 3, 5, 4, 2, 1e-12, "gelu", 0, 0.1, 0);

    @TempDir
    Path folder;

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("config.json"), json);
    }

    private void refused(String json, Object... fragments) throws IOException {
        Path file = file(json);
        assertRefused(() -> ModelConfig.read(file), fragments);
        assertRefused(() -> ModelConfig.read(file), file);
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        EncoderConfig roberta = new EncoderConfig("roberta", 50265, 768, 12, 12, 3072, 514, 1, 1e-5, "gelu", 1, 0.1, 0.1);
        assertEquals(TINY, ModelConfig.read(file(TINY.toJson())));
        assertEquals(roberta, ModelConfig.read(file(roberta.toJson())));
        assertEquals(64, roberta.headSize());
        assertTrue(TINY.toJson().contains("\"BertModel\"") && roberta.toJson().contains("\"RobertaModel\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id", "hidden_dropout_prob",
        "attention_probs_dropout_prob"})
    void refusesMissingField(String field) throws IOException {
        refused(TINY.toJson().replace('"' + field + '"', "\"other\""), field + " is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\'', value = {
        "vocab_size; 0", "vocab_size; -7", "vocab_size; 2147483647", "vocab_size; 99999999999", "vocab_size; 7.5", "vocab_size; \"7\"", "vocab_size; null",
        "hidden_size; 7", "hidden_size; 2000000000", "num_hidden_layers; 0", "num_hidden_layers; 100000", "num_attention_heads; 4",
        "num_attention_heads; 0", "intermediate_size; -1", "max_position_embeddings; 0", "type_vocab_size; 0", "layer_norm_eps; 0",
        "layer_norm_eps; \"x\"", "layer_norm_eps; 1e999", "pad_token_id; 7", "pad_token_id; -1", "hidden_dropout_prob; 1.5",
        "attention_probs_dropout_prob; -0.1", "model_type; \"gpt2\"", "model_type; 3", "hidden_act; \"gelu_new\"", "hidden_act; \"relu\"",
        "position_embedding_type; \"relative_key\""})
    void refusesWrongValue(String field, String value) throws IOException {
        String json = TINY.toJson().replaceFirst("\"" + field + "\" : [^,\n]+", "\"" + field + "\" : " + Matcher.quoteReplacement(value));
        assertTrue(!json.equals(TINY.toJson()), "the test changed nothing");
        refused(json, field);
    }

    @ParameterizedTest
    @CsvSource({"quantization_config, {}", "is_decoder, true", "add_cross_attention, true"})
    void refusesModelsItDoesNotHave(String field, String value) throws IOException {
        refused(TINY.toJson().replaceFirst("\\{", "{\"" + field + "\":" + value + ","), field);
    }

    @Test
    void acceptsNullQuantizationAndNoPositionType() throws IOException {
        String json = TINY.toJson().replaceFirst("\\{", "{\"quantization_config\":null,").replace("position_embedding_type", "other");
        assertEquals(TINY, ModelConfig.read(file(json)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "3", "{", "{\"a\":1,\"a\":2}", "{} {}", "\0", "{\"vocab_size\":\n\n oops}"})
    void refusesWhatIsNotAJsonObject(String json) throws IOException {
        refused(json);
    }

    @Test
    void namesTheLineOfBrokenJson() throws IOException {
        refused("{\n\"vocab_size\": oops}", folder.resolve("config.json") + ":2:");
    }

    @Test
    void refusesMissingHugeAndNestedFiles() throws IOException {
        Path missing = folder.resolve("no.json");
        assertRefused(() -> ModelConfig.read(missing), missing, "no such file");
        refused("[".repeat(100_000));
        refused(" ".repeat(10_000_001), "10000001 bytes");
    }

    @Test
    void constructorNamesTheField() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> new EncoderConfig("bert", 7, 6, 2, 4, 5, 4, 2, 1e-12, "gelu", 0, 0.1, 0)).getMessage();
        assertEquals("found hidden_size 6; expected a multiple of num_attention_heads, which is 4", message);
    }
}
