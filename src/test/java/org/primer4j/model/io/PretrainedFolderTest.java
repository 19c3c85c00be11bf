package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.model.io.EncoderConfigTest.TINY;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.AtomicFolder;

class PretrainedFolderTest {

    private static final byte[] TOKENIZER = "{\"model\":{\"vocab\":{\"a\":0}}}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;
    private Path folder;

    @BeforeEach
    void writeModel() {
        folder = temporary.resolve("model");
        new PretrainedModel(TINY, weights(), TOKENIZER).write(folder);
    }

    /** Every weight of the tiny encoder, filled with 0, 1, 2, ... counted over all of them. */
    static Map<String, TensorData> weights() {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        int[] next = {0};
        EncoderWeights.shapes(TINY).forEach((name, shape) -> {
            float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < values.length; i++) {
                values[i] = next[0]++;
            }
            weights.put(name, TensorData.of(shape, values));
        });
        return weights;
    }

    private Path weightsFile() {
        return folder.resolve("model.safetensors");
    }

    private void rewrite(Map<String, ? extends TensorData> weights) {
        SafetensorsWriter.write(weightsFile(), weights, Map.of());
    }

    private static void assertSame(Map<String, TensorData> expected, Map<String, TensorData> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, tensor) -> assertArrayEquals(tensor.floats(), found.get(name).floats(), name));
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        assertEquals(List.of("config.json", "model.safetensors", "tokenizer.json"), list(folder));
        assertEquals(List.of("model"), list(temporary));
        PretrainedModel read = PretrainedModel.read(folder);
        assertEquals(TINY, read.config());
        assertArrayEquals(TOKENIZER, read.tokenizerJson());
        assertSame(weights(), read.weights());
    }

    @Test
    void writingWhatWasReadGivesTheSameBytes() throws IOException {
        Path copy = Files.createDirectory(temporary.resolve("copy"));
        PretrainedModel.read(folder).write(copy);
        for (String file : list(folder)) {
            assertEquals(-1, Files.mismatch(folder.resolve(file), copy.resolve(file)), file);
        }
    }

    @Test
    void refusesTargetsThatHoldSomething() throws IOException {
        PretrainedModel model = PretrainedModel.read(folder);
        assertRefused(() -> model.write(folder), folder, "not empty");
        assertRefused(() -> model.write(weightsFile()), weightsFile(), "found a file");
        Path orphan = temporary.resolve("no").resolve("model");
        assertRefused(() -> model.write(orphan), orphan, "does not exist");
        assertEquals(List.of("model"), list(temporary));
    }

    @Test
    void aFailureWhileWritingLeavesNothing() throws IOException {
        Path target = temporary.resolve("half");
        assertRefused(() -> AtomicFolder.write(target, half -> {
            AtomicFile.writeSynced(half.resolve("config.json"), TOKENIZER);
            throw new IOException("No space left on device");
        }), target, "No space left on device");
        assertEquals(List.of("model"), list(temporary));
    }

    @ParameterizedTest
    @CsvSource({"config.json", "model.safetensors", "tokenizer.json"})
    void namesTheMissingFile(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertRefused(() -> PretrainedModel.read(folder), folder.resolve(file), "no such file");
    }

    @Test
    void needsNoTokenizerForTheWeights() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        try (PretrainedFolder read = PretrainedFolder.read(folder)) {
            assertSame(weights(), read.weights());
        }
    }

    @Test
    void refusesMissingFolder() {
        assertRefused(() -> PretrainedModel.read(temporary.resolve("no")), temporary.resolve("no"), "no such folder");
        assertRefused(() -> PretrainedModel.read(weightsFile()), weightsFile(), "no such folder");
    }

    @Test
    void refusesPickledWeights() throws IOException {
        Files.move(weightsFile(), folder.resolve("pytorch_model.bin"));
        assertRefused(() -> PretrainedModel.read(folder), folder, "pytorch_model.bin", "save_pretrained");
    }

    @Test
    void refusesMissingTensor() {
        Map<String, TensorData> weights = weights();
        weights.remove("encoder.layer.1.output.dense.weight");
        rewrite(weights);
        assertRefused(() -> PretrainedModel.read(folder), weightsFile(), "'encoder.layer.1.output.dense.weight'", "[6, 5]", "missing");
    }

    @Test
    void refusesWrongShapeWithBothShapes() {
        Map<String, TensorData> weights = weights();
        weights.put("encoder.layer.0.intermediate.dense.weight", TensorData.of(new long[] {6, 5}, new float[30]));
        rewrite(weights);
        assertRefused(() -> PretrainedModel.read(folder), weightsFile(), "intermediate.dense.weight", "[6, 5]", "[5, 6]");
    }

    @Test
    void refusesOtherDType() throws IOException {
        byte[] bytes = Files.readAllBytes(weightsFile());
        String header = new String(bytes, StandardCharsets.ISO_8859_1).replaceFirst("F32", "I32");
        Files.write(weightsFile(), header.getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(() -> PretrainedModel.read(folder), weightsFile(), "I32", "expected F32");
    }

    @Test
    void readsPrefixedAndOldNamesAndKeepsHeads() {
        Map<String, TensorData> prefixed = new LinkedHashMap<>();
        weights().forEach((name, tensor) -> prefixed.put("bert."
                + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"), tensor));
        prefixed.put("cls.predictions.bias", TensorData.of(new long[] {1}, 1));
        prefixed.put("bert.pooler.dense.bias", TensorData.of(new long[] {1}, 2));
        prefixed.put("bert.embeddings.position_ids", TensorData.of(new long[] {1}, 3));
        prefixed.put("bert.strange", TensorData.of(new long[] {1}, 4));
        rewrite(prefixed);
        try (PretrainedFolder read = PretrainedFolder.read(folder)) {
            Map<String, TensorData> expected = weights();
            expected.put("cls.predictions.bias", TensorData.of(new long[] {1}, 1));
            expected.put("pooler.dense.bias", TensorData.of(new long[] {1}, 2));
            expected.put("strange", TensorData.of(new long[] {1}, 4));
            assertSame(expected, read.weights());
            assertEquals(List.of("strange"), read.unexpected());
        }
    }

    @Test
    void refusesThousandsOfExtraTensors() {
        Map<String, TensorData> weights = weights();
        for (int i = 0; i < 1001; i++) {
            weights.put("cls." + i, TensorData.of(new long[] {0}));
        }
        rewrite(weights);
        assertRefused(() -> PretrainedModel.read(folder), weightsFile(), "1001 tensors", "1000");
    }

    @Test
    void refusesTheSameWeightTwice() {
        Map<String, TensorData> weights = weights();
        weights.put("bert.embeddings.LayerNorm.bias", TensorData.of(new long[] {6}, new float[6]));
        rewrite(weights);
        assertRefused(() -> PretrainedModel.read(folder), weightsFile(), "both", "embeddings.LayerNorm.bias");
    }

    @Test
    void readsGoldenEncoders() {
        Path models = Path.of("..", "shared", "golden", "models");
        assumeTrue(Files.isDirectory(models));
        for (String name : List.of("bert", "bert_sentence", "roberta", "roberta_cls")) {
            try (PretrainedFolder read = PretrainedFolder.read(models.resolve(name))) {
                assertEquals(List.of(), read.unexpected(), name);
                assertTrue(read.weights().keySet().containsAll(read.config().weightShapes().keySet()), name);
                assertFalse(read.weights().keySet().stream().anyMatch(key -> key.startsWith("bert.")), name);
            }
        }
        assertRefused(() -> PretrainedFolder.read(models.resolve("llama")), "model_type llama");
    }

    @Test
    void tokenizerBytesAreCopies() {
        PretrainedModel model = PretrainedModel.read(folder);
        model.tokenizerJson()[0] = 'x';
        assertArrayEquals(TOKENIZER, model.tokenizerJson());
    }
}
