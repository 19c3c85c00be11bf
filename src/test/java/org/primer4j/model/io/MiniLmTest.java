package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.model.io.Hostile.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MiniLmTest {

    @TempDir
    Path folder;

    @Test
    void comesOutOfTheArtifactAndThroughAFolder() {
        PretrainedModel model = PretrainedModel.miniLm();
        assertEquals(new EncoderConfig("bert", 30522, 384, 6, 12, 1536, 512, 2, 1e-12, "gelu", 0, 0.1, 0.1), model.config());
        assertArrayEquals(new long[] {1536, 384}, model.weights().get("encoder.layer.5.intermediate.dense.weight").shape());
        long parameters = model.weights().values().stream().mapToLong(TensorData::size).sum();
        // 22,565,376 of the encoder and 147,840 of the pooler.
        assertEquals(22_713_216, parameters);
        model.write(folder.resolve("minilm"));
        PretrainedModel read = PretrainedModel.read(folder.resolve("minilm"));
        assertEquals(model.config(), read.config());
        assertArrayEquals(model.tokenizerJson(), read.tokenizerJson());
        assertEquals(Set.copyOf(model.weights().keySet()), Set.copyOf(read.weights().keySet()));
        for (Map.Entry<String, TensorData> weight : model.weights().entrySet()) {
            assertArrayEquals(weight.getValue().floats(), read.weights().get(weight.getKey()).floats(), weight.getKey());
        }
    }

    /** x W^T of the first linear layer must use the matrix as [out, in]: checked against the file's [in, out]. */
    @Test
    void linearWeightsAreTransposed() throws IOException {
        byte[] onnx;
        try (InputStream in = MiniLm.class.getClassLoader().getResourceAsStream("all-minilm-l6-v2.onnx")) {
            onnx = in.readAllBytes();
        }
        float[] stored = OnnxWeights.read(onnx, "minilm").initializers().get("onnx::MatMul_885").floats();
        float[] row = new float[384];
        PretrainedModel.miniLm().weights().get("encoder.layer.0.attention.self.query.weight").read(5 * 384, FloatBuffer.wrap(row));
        for (int in = 0; in < 384; in++) {
            assertEquals(stored[in * 384 + 5], row[in]);
        }
    }

    @Test
    void namesTheDependencyWhenTheArtifactIsMissing() throws IOException {
        try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
            assertRefused(() -> MiniLm.load(empty), "class path", MiniLm.ARTIFACT);
        }
    }

    @Test
    void refusesABrokenArtifact() throws IOException {
        Files.write(folder.resolve("all-minilm-l6-v2.onnx"), new byte[] {1, 2, 3});
        try (URLClassLoader broken = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null)) {
            assertRefused(() -> MiniLm.load(broken), "all-minilm-l6-v2.onnx", "not");
        }
    }

    @Test
    void recordedExpectationIsWhole() throws IOException {
        JsonNode expected;
        try (InputStream in = MiniLmTest.class.getResourceAsStream("/minilm/expected.json")) {
            expected = new ObjectMapper().readTree(in);
        }
        assertEquals(20, expected.get("sentences").size());
        assertEquals(20, expected.get("token_ids").size());
        assertEquals(20, expected.get("embeddings").size());
        for (JsonNode embedding : expected.get("embeddings")) {
            double squares = 0;
            for (JsonNode value : embedding) {
                squares += value.doubleValue() * value.doubleValue();
            }
            assertEquals(384, embedding.size());
            assertTrue(Math.abs(squares - 1) < 1e-7, "norm " + squares);
        }
    }
}
