package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.text.Tokenizer;

/** Our engine's embeddings of 20 sentences against those that onnxruntime computed from the same file. */
class MiniLmEmbeddingTest {

    private static final int MOST_TOKENS = 512;
    private static final double TOLERANCE = 1e-5;

    private static JsonNode expected;
    private static PretrainedModel model;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() throws IOException {
        try (InputStream in = MiniLmEmbeddingTest.class.getResourceAsStream("/minilm/expected.json")) {
            expected = new JsonMapper().readTree(in);
        }
        model = PretrainedModel.miniLm();
    }

    @Test
    void tokenIdsAreEqual() {
        List<int[]> ids = tokenIds(model);
        for (int i = 0; i < ids.size(); i++) {
            int[] wanted = StreamSupport.stream(expected.get("token_ids").get(i).spliterator(), false).mapToInt(JsonNode::intValue).toArray();
            assertArrayEquals(wanted, ids.get(i), expected.get("sentences").get(i).textValue());
        }
    }

    @Test
    void embeddingsAgreeAndSurviveAFolder() {
        float[] embeddings = embed(model);
        int d = model.config().hiddenSize();
        assertEquals(20 * d, embeddings.length);
        for (int n = 0; n < 20; n++) {
            double error = relativeError(Arrays.copyOfRange(embeddings, n * d, (n + 1) * d), expected.get("embeddings").get(n));
            assertTrue(error <= TOLERANCE, "sentence " + n + " is off by " + error);
        }
        model.write(folder.resolve("minilm"));
        assertArrayEquals(embeddings, embed(PretrainedModel.read(folder.resolve("minilm"))));
    }

    private static double relativeError(float[] actual, JsonNode wanted) {
        double difference = 0, norm = 0;
        for (int i = 0; i < actual.length; i++) {
            double b = wanted.get(i).doubleValue();
            difference += (actual[i] - b) * (actual[i] - b);
            norm += b * b;
        }
        return Math.sqrt(difference / norm);
    }

    private static List<int[]> tokenIds(PretrainedModel from) {
        List<String> sentences = new ArrayList<>();
        expected.get("sentences").forEach(sentence -> sentences.add(sentence.textValue()));
        try (Tokenizer tokenizer = Tokenizer.of(from.tokenizerJson())) {
            return tokenizer.encodeAll(sentences, MOST_TOKENS);
        }
    }

    /** All sentences as one packed batch. */
    private static float[] embed(PretrainedModel from) {
        List<int[]> sequences = tokenIds(from);
        Graph graph = new Graph(1, DType.F32);
        TextInputs in = TextInputs.declare(graph, from.config().asEncoder(), MOST_TOKENS, sequences.size());
        Layers layers = new Layers(graph, Adaptation.frozen());
        Value embeddings = graph.output("embeddings", new Encoder(from.config().asEncoder()).sentences(layers, in));
        try (Weights weights = new Weights(from.weights());
                Program program = Program.compile(Plan.of(graph), new ModelStorage(weights, null), Device.cpu(2))) {
            write(program, in, sequences);
            program.run(Stage.COMPUTE.bit());
            float[] result = new float[sequences.size() * embeddings.cols()];
            program.read(embeddings, result);
            return result;
        }
    }

    private static void write(Program program, TextInputs in, List<int[]> sequences) {
        int at = 0;
        for (int n = 0; n < sequences.size(); n++) {
            program.input(TextInputs.OFFSETS).put(n, at);
            for (int t = 0; t < sequences.get(n).length; t++, at++) {
                program.input(TextInputs.IDS).put(at, sequences.get(n)[t]);
                program.input(TextInputs.POSITIONS).put(at, t);
                program.input(TextInputs.TYPES).put(at, 0);
            }
        }
        program.input(TextInputs.OFFSETS).put(sequences.size(), at);
        program.setRows(in.tokens(), at);
        program.setRows(in.sequences(), sequences.size());
    }
}
