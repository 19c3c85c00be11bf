package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.generation.DefaultSettings;
import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationRoom;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.generation.Generator;
import org.primer4j.generation.Hypothesis;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.Seq2SeqConfig;

/** Token ids of every decoding in {@code cases.json}, which must be equal, and their scores, to 2e-6. */
record GenerationCase(GoldenCase at, Device device) implements GoldenCase.Check {

    private static final String CASES = "cases.json";
    private static final String GOLDEN = "golden.safetensors";

    @Override
    public void run(Consumer<CaseResult> results) {
        Path file = at.path().resolve(CASES);
        try (PretrainedFolder folder = PretrainedFolder.read(at.path()); SafetensorsFile golden = SafetensorsFile.open(at.path().resolve(GOLDEN));
                Weights weights = new Weights(device, folder.weights())) {
            Seq2SeqConfig config = folder.config().asSeq2Seq();
            List<int[]> sources = sources(golden);
            for (Map.Entry<String, JsonNode> decoding : JsonFiles.read(file).properties()) {
                GenerationSettings settings = settings(file, decoding.getValue(), config);
                check(golden, decoding.getKey(), settings, generate(config, weights, settings, sources), results);
            }
        }
    }

    private List<List<Hypothesis>> generate(Seq2SeqConfig config, Weights weights, GenerationSettings settings, List<int[]> sources) {
        GenerationRoom room = new GenerationRoom(sources.size(), sources.stream().mapToInt(ids -> ids.length).sum());
        try (Generator generator = new Generator(Seq2Seq.of(config), weights, Adaptation.frozen(), null, settings, room, device)) {
            return generator.generate(sources);
        }
    }

    // The rows without padding.
    private static List<int[]> sources(SafetensorsFile golden) {
        long[] ids = golden.longs("in.input_ids"), mask = golden.longs("in.attention_mask");
        int rows = (int) golden.info("in.input_ids").shape()[0], width = ids.length / rows;
        List<int[]> sources = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            int length = (int) Arrays.stream(mask, row * width, (row + 1) * width).sum();
            sources.add(Arrays.stream(ids, row * width, row * width + length).mapToInt(Math::toIntExact).toArray());
        }
        return sources;
    }

    private static GenerationSettings settings(Path file, JsonNode options, Seq2SeqConfig config) {
        GenerationSettings of = DefaultSettings.of(config, null);
        try {
            return new GenerationSettings(JsonFiles.field(file, options, "num_beams").asInt(), JsonFiles.field(file, options, "max_length").asInt(),
                options.path("min_length").asInt(0), options.path("length_penalty").asDouble(1),
                EarlyStopping.of(options.path("early_stopping").asText("false")), options.path("no_repeat_ngram_size").asInt(0),
                options.path("forced_bos_token_id").asInt(GenerationSettings.NONE), options.path("forced_eos_token_id").asInt(GenerationSettings.NONE),
                of.eos(), of.pad(), of.decoderStart());
        } catch (IllegalArgumentException e) {
            throw new BadInputException(file + ": " + e.getMessage() + ".", e);
        }
    }

    private void check(SafetensorsFile golden, String name, GenerationSettings settings, List<List<Hypothesis>> found, Consumer<CaseResult> results) {
        List<Hypothesis> rows = found.stream().flatMap(List::stream).toList();
        String ids = name + ".ids", scores = name + (settings.isGreedy() ? ".logprob" : ".score");
        int width = (int) golden.info(ids).shape()[golden.info(ids).shape().length - 1];
        results.accept(compared(ids, differing(golden.longs(ids), padded(rows, width, settings)), 0));
        results.accept(compared(scores, scoreError(golden.doubles(scores), rows), Comparison.LOSS));
    }

    private CaseResult compared(String tensor, double error, double tolerance) {
        return CaseResult.compared(at.file(GOLDEN), at.name(), tensor, error, tolerance);
    }

    // In beam search transformers fills up with the end token where the padding token is 0.
    private static long[] padded(List<Hypothesis> rows, int width, GenerationSettings settings) {
        long[] ids = new long[rows.size() * width];
        Arrays.fill(ids, settings.isGreedy() || settings.pad() != 0 ? settings.pad() : settings.eos());
        for (int row = 0; row < rows.size(); row++) {
            int[] tokens = rows.get(row).tokens();
            if (tokens.length > width) {
                return new long[0];
            }
            for (int i = 0; i < tokens.length; i++) {
                ids[row * width + i] = tokens[i];
            }
        }
        return ids;
    }

    /** Share of the token ids that differ; 1 when there are more or fewer of them. */
    private static double differing(long[] expected, long[] found) {
        if (expected.length != found.length) {
            return 1;
        }
        int different = 0;
        for (int i = 0; i < expected.length; i++) {
            different += expected[i] == found[i] ? 0 : 1;
        }
        return different / (double) expected.length;
    }

    // The file's sum is NaN for greedy rows that were done early: there the reference took -infinity times 0. The rest is compared.
    private static double scoreError(double[] expected, List<Hypothesis> rows) {
        if (expected.length != rows.size()) {
            return Double.NaN;
        }
        int[] known = IntStream.range(0, expected.length).filter(i -> !Double.isNaN(expected[i])).toArray();
        return known.length == 0 ? Double.NaN : Comparison.error(Arrays.stream(known).mapToDouble(i -> rows.get(i).score()).toArray(),
            Arrays.stream(known).mapToDouble(i -> expected[i]).toArray(), 0);
    }
}
