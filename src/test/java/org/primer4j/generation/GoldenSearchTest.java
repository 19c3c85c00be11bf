package org.primer4j.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.model.io.SafetensorsFile;

/** transformers' tokens and scores from the search alone, over models in plain float64. */
class GoldenSearchTest {

    static final Path GOLDEN = Path.of("../shared/golden/generation");
    private static final int VOCABULARY = 24;

    @ParameterizedTest
    @ValueSource(strings = {"bart", "t5"})
    void tokensAndScoresAreTransformers(String family) throws IOException {
        Path folder = GOLDEN.resolve(family);
        assumeTrue(Files.isDirectory(folder), "needs " + GOLDEN);
        JsonNode config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        JsonNode cases = new ObjectMapper().readTree(folder.resolve("cases.json").toFile());
        try (SafetensorsFile golden = SafetensorsFile.open(folder.resolve("golden.safetensors"))) {
            int[][] sources = sources(golden);
            PlainModel model = PlainModel.read(folder, sources);
            for (Map.Entry<String, JsonNode> entry : cases.properties()) {
                check(golden, entry.getKey(), settings(entry.getValue(), config), model, sources.length);
            }
        }
    }

    private static void check(SafetensorsFile golden, String name, GenerationSettings settings, PlainModel model, int sources) {
        List<List<Hypothesis>> found = new BeamSearch(settings, new SequenceStep(model), sources, VOCABULARY).run(sources);
        long[] ids = golden.longs(name + ".ids");
        double[] scores = golden.doubles(name + (settings.isGreedy() ? ".logprob" : ".score"));
        int width = ids.length / scores.length;
        for (int i = 0; i < scores.length; i++) {
            Hypothesis hypothesis = found.get(i / settings.beams()).get(i % settings.beams());
            String what = name + ", row " + i;
            assertArrayEquals(trimmed(ids, i * width, width, settings), hypothesis.tokens(), what);
            // The reference multiplies a finished row's -infinity by 0: such greedy sums are NaN in the file.
            if (!Double.isNaN(scores[i])) {
                assertEquals(scores[i], hypothesis.score(), 2e-6 * Math.abs(scores[i]), what);
            }
        }
    }

    /** A row up to its end token. */
    static int[] trimmed(long[] ids, int start, int width, GenerationSettings settings) {
        List<Integer> row = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            row.add((int) ids[start + i]);
            if (i > 0 && ids[start + i] == settings.eos()) {
                break;
            }
        }
        return row.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The sources without padding. */
    static int[][] sources(SafetensorsFile golden) {
        long[] ids = golden.longs("in.input_ids"), mask = golden.longs("in.attention_mask");
        int rows = 5, width = ids.length / rows;
        int[][] sources = new int[rows][];
        for (int row = 0; row < rows; row++) {
            List<Integer> source = new ArrayList<>();
            for (int i = row * width; i < (row + 1) * width; i++) {
                if (mask[i] == 1) {
                    source.add((int) ids[i]);
                }
            }
            sources[row] = source.stream().mapToInt(Integer::intValue).toArray();
        }
        return sources;
    }

    static GenerationSettings settings(JsonNode options, JsonNode config) {
        return new GenerationSettings(options.get("num_beams").asInt(), options.get("max_length").asInt(), options.path("min_length").asInt(0),
            options.path("length_penalty").asDouble(1), EarlyStopping.of(options.path("early_stopping").asText("false")),
            options.get("no_repeat_ngram_size").asInt(), options.path("forced_bos_token_id").asInt(-1), options.path("forced_eos_token_id").asInt(-1),
            config.get("eos_token_id").asInt(), config.get("pad_token_id").asInt(), config.get("decoder_start_token_id").asInt());
    }
}
