package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of BART and T5: shards, copies of the embeddings, tokenizers, generation defaults. */
class CheckpointTest {

    private static final byte[] TOKENIZER = ("{\"model\":{\"vocab\":{\"a\":0,\"b\":7}},\"added_tokens\":[{\"id\":8,\"content\":\"<x>\"}]}")
        .getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;
    private Path folder;

    @BeforeEach
    void name() {
        folder = temporary.resolve("model");
    }

    private static PretrainedModel random(ModelConfig config) {
        return RandomModel.of(config, TOKENIZER, 5);
    }

    private static void assertSame(Map<String, TensorData> expected, Map<String, TensorData> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, tensor) -> {
            assertArrayEquals(tensor.shape(), found.get(name).shape(), name);
            assertArrayEquals(tensor.floats(), found.get(name).floats(), name);
        });
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("model")).sorted().toList();
        }
    }

    private Map<String, TensorData> stored() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Map<String, TensorData> tensors = new LinkedHashMap<>();
            checkpoint.names().forEach(name -> tensors.put(name, checkpoint.tensor(name)));
            return tensors;
        }
    }

    private void rewrite(Map<String, TensorData> tensors) {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
    }

    @ParameterizedTest
    @CsvSource({"bart, 1000000000", "bart, 2000", "bart, 1", "t5, 1000", "gated, 2500"})
    void writesAndReadsWholeAndInShards(String name, long shardBytes) throws IOException {
        PretrainedModel model = random(Map.of("bart", Seq2SeqConfigTest.BART, "t5", Seq2SeqConfigTest.T5, "gated", Seq2SeqConfigTest.GATED).get(name));
        model.write(folder, shardBytes);
        List<String> files = files();
        assertEquals(shardBytes < 10_000, files.contains("model.safetensors.index.json"));
        for (String file : files.stream().filter(file -> file.endsWith(".safetensors")).toList()) {
            try (SafetensorsFile shard = SafetensorsFile.open(folder.resolve(file))) {
                long bytes = shard.names().stream().mapToLong(tensor -> 4 * shard.info(tensor).size()).sum();
                assertTrue(bytes <= shardBytes || shard.names().size() == 1, file + " has " + bytes + " bytes");
            }
        }
        PretrainedModel read = PretrainedModel.read(folder);
        assertEquals(model.config(), read.config());
        assertSame(new TreeMap<>(model.weights()), new TreeMap<>(read.weights()));
        Path again = temporary.resolve("again");
        read.write(again, shardBytes);
        for (String file : files) {
            assertEquals(-1, Files.mismatch(folder.resolve(file), again.resolve(file)), file);
        }
    }

    @Test
    void bartIsWrittenWithTheNamesOfTransformers() {
        random(Seq2SeqConfigTest.BART).write(folder);
        assertTrue(stored().keySet().containsAll(List.of("model.shared.weight", "final_logits_bias", "model.encoder.layers.0.self_attn.q_proj.bias")));
    }

    @Test
    void theBareBartHasNoBiasOnItsLogits() {
        PretrainedModel model = random(Seq2SeqConfigTest.BART);
        model.write(folder);
        Map<String, TensorData> bare = new LinkedHashMap<>();
        stored().forEach((name, tensor) -> bare.put(name.replaceFirst("^model\\.", ""), tensor));
        bare.remove("final_logits_bias");
        rewrite(bare);
        assertSame(new TreeMap<>(model.weights()), new TreeMap<>(PretrainedModel.read(folder).weights()));
    }

    @ParameterizedTest
    @CsvSource({"bart, lm_head.weight", "bart, model.encoder.embed_tokens.weight", "bart, model.decoder.embed_tokens.weight",
        "t5, encoder.embed_tokens.weight", "t5, decoder.embed_tokens.weight"})
    void copiesOfTheEmbeddingsAreDroppedOrRefused(String name, String copy) {
        ModelConfig config = name.equals("bart") ? Seq2SeqConfigTest.BART : Seq2SeqConfigTest.T5;
        random(config).write(folder);
        Map<String, TensorData> tensors = stored();
        TensorData shared = tensors.get(name.equals("bart") ? "model.shared.weight" : "shared.weight");
        tensors.put(copy, shared);
        rewrite(tensors);
        assertEquals(config.weightShapes().keySet(), PretrainedModel.read(folder).weights().keySet());
        float[] other = shared.floats();
        other[other.length - 1]++;
        tensors.put(copy, TensorData.of(shared.shape(), other));
        rewrite(tensors);
        assertRefused(() -> PretrainedModel.read(folder), "'" + copy + "' differs from shared.weight");
    }

    @ParameterizedTest
    @CsvSource({"t5, true, true, true", "t5, true, false, false", "mt5, , true, true", "mt5, , false, false"})
    void newFilesLetTheWeightsSayWhetherT5HasAHead(String type, String scaleIsNamed, boolean differs, boolean ownHead) throws IOException {
        random(Seq2SeqConfigTest.T5).write(folder);
        Path config = folder.resolve("config.json");
        String json = Files.readString(config).replace("\"model_type\" : \"t5\"", "\"model_type\" : \"" + type + "\"");
        Files.writeString(config, scaleIsNamed == null ? json.replaceFirst(" *\"scale_decoder_outputs\"[^\n]+\n", "") : json);
        Map<String, TensorData> tensors = stored();
        float[] head = tensors.get("shared.weight").floats();
        head[0] += differs ? 1 : 0;
        tensors.put("lm_head.weight", TensorData.of(tensors.get("shared.weight").shape(), head));
        rewrite(tensors);
        PretrainedModel read = PretrainedModel.read(folder);
        assertEquals(ownHead, ((T5Config) read.config()).ownHead());
        assertEquals(ownHead, read.weights().containsKey("lm_head.weight"));
    }

    @Test
    void aT5SavedWithoutItsHeadIsRefused() throws IOException {
        random(Seq2SeqConfigTest.GATED).write(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true"));
        Map<String, TensorData> tensors = stored();
        tensors.remove("lm_head.weight");
        rewrite(tensors);
        assertEquals(false, ((T5Config) PretrainedModel.read(folder).config()).ownHead());
        Files.writeString(config, Files.readString(config).replace("T5ForConditionalGeneration", "T5Model"));
        assertRefused(() -> PretrainedModel.read(folder), "lm_head.weight", "AutoModelForSeq2SeqLM");
    }

    @Test
    void anOldTiedT5WithAnotherHeadIsRefused() throws IOException {
        random(Seq2SeqConfigTest.GATED).write(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true")
            .replaceFirst(" *\"scale_decoder_outputs\"[^\n]+\n", ""));
        assertRefused(() -> PretrainedModel.read(folder), "lm_head.weight", "differs");
    }

    @Test
    void theUnusedTableOfTheFirstT5IsLeftOut() {
        random(Seq2SeqConfigTest.T5).write(folder);
        Map<String, TensorData> tensors = stored();
        tensors.put("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", TensorData.of(new long[] {1}, 3));
        rewrite(tensors);
        try (PretrainedFolder read = PretrainedFolder.read(folder)) {
            assertEquals(List.of(), read.unexpected());
        }
    }

    @Test
    void refusesLayersThatTheConfigurationDoesNotHave() {
        random(Seq2SeqConfigTest.BART).write(folder);
        Map<String, TensorData> tensors = stored();
        tensors.put("model.encoder.layers.77.fc1.bias", TensorData.of(new long[] {1}, 3));
        rewrite(tensors);
        assertRefused(() -> PretrainedModel.read(folder), "encoder.layers.77.fc1.bias", "config.json");
    }

    private void index(String json) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "{\"weight_map\":{}}", "{\"weight_map\":[]}", "{\"weight_map\":{\"a\":1}}", "{\"weight_map\":{\"a\":null}}",
        "{\"weight_map\":{\"a\":\"../model.safetensors\"}}", "{\"weight_map\":{\"a\":\"/tmp/x.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"a/b.safetensors\"}}", "{\"weight_map\":{\"a\":\"a\\\\b.safetensors\"}}",
        "{\"weight_map\":{\"a\":\".safetensors\"}}", "{\"weight_map\":{\"a\":\"x.bin\"}}", "{\"weight_map\":{\"a\":\"no.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"x.safetensors\\u0000\"}}", "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}"})
    void refusesHostileIndexes(String json) throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Files.move(folder.resolve("model.safetensors"), folder.resolve("x.bin"));
        index(json);
        assertRefused(() -> PretrainedModel.read(folder), folder);
    }

    @Test
    void refusesAnIndexThatDoesNotMatchItsShards() throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder, 2000);
        String json = Files.readString(folder.resolve("model.safetensors.index.json"));
        String first = "model-00001-of-00003.safetensors", second = "model-00002-of-00003.safetensors";
        index(json.replaceFirst("\"final_logits_bias\" : \"" + first, "\"final_logits_bias\" : \"" + second));
        assertRefused(() -> PretrainedModel.read(folder), "final_logits_bias", first);
        index(json.replaceFirst("\"final_logits_bias\"", "\"strange\""));
        assertRefused(() -> PretrainedModel.read(folder), folder);
        index(json);
        Files.copy(folder.resolve(first), folder.resolve(second), StandardCopyOption.REPLACE_EXISTING);
        assertRefused(() -> PretrainedModel.read(folder), "expected it in " + first + " alone");
        Files.delete(folder.resolve(second));
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve(second), "no such file");
    }

    @Test
    void aShardWithHugeOffsetsIsRefused() throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Files.delete(folder.resolve("model.safetensors"));
        byte[] header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,9223372036854775807]}}"
            .getBytes(StandardCharsets.UTF_8);
        Path made = Hostile.safetensors(temporary, header.length, header, 8);
        Files.move(made, folder.resolve("x.safetensors"));
        index("{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve("x.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":{\"vocab\":{\"a\":9}}}", "{\"added_tokens\":[{\"id\":9,\"content\":\"x\"}]}",
        "{\"model\":{\"vocab\":[[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2]]}}"})
    void refusesATokenizerWithIdsThatHaveNoEmbedding(String json) throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), json);
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve("tokenizer.json"), "vocab_size 9");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"model\":{\"vocab\":{\"a\":99999999999}}} | 2147483647", "{\"model\":{\"vocab\":{\"a\":-1}}} | 2147483647",
        "{} | no words"})
    void refusesATokenizerWithoutIds(String json, String said) throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), json);
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve("tokenizer.json"), said);
    }

    @Test
    void refusesATokenizerThatIsNoJson() throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), "{\n oops");
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve("tokenizer.json") + ":2:");
    }

    @Test
    void generationDefaultsComeFromTheirFileOrFromTheConfig() throws IOException {
        random(Seq2SeqConfigTest.BART).write(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"num_beams\":4,\"early_stopping\":true,\"do_sample\":false,"
            + "\"no_repeat_ngram_size\":3,"));
        GenerationDefaults old = PretrainedModel.read(folder).generation();
        assertEquals(List.of(4, 3, 0, 2), Arrays.asList(old.beams(), old.noRepeatNgram(), old.forcedBos(), old.decoderStart()));
        assertEquals("true", old.earlyStopping());
        assertEquals(List.of(), old.unsupported());
        Files.writeString(folder.resolve("generation_config.json"), "{\"max_length\":20,\"length_penalty\":2.0,\"early_stopping\":\"never\","
            + "\"repetition_penalty\":1.5,\"do_sample\":true,\"suppress_tokens\":[],\"diversity_penalty\":0.0}");
        GenerationDefaults own = PretrainedModel.read(folder).generation();
        assertEquals(null, own.beams());
        assertEquals(20, own.maxLength());
        assertEquals(2.0, own.lengthPenalty());
        assertEquals("never", own.earlyStopping());
        assertEquals(List.of("do_sample true", "repetition_penalty 1.5"), own.unsupported());
        Path again = temporary.resolve("again");
        PretrainedModel.read(folder).write(again);
        assertEquals(own, PretrainedModel.read(again).generation());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"num_beams\":\"x\"}", "{\"num_beams\":-1}", "{\"early_stopping\":\"maybe\"}", "[]", "{", "{\"max_length\":1.5}"})
    void refusesBrokenGenerationDefaults(String json) throws IOException {
        random(Seq2SeqConfigTest.T5).write(folder);
        Files.writeString(folder.resolve("generation_config.json"), json);
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve("generation_config.json"));
    }
}
