package org.primer4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.engine.Device;
import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationRoom;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.generation.Generator;
import org.primer4j.generation.Hypothesis;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.peft.Lora;
import org.primer4j.random.Philox;

/**
 * Times beam search, always to the full length: the peer's {@code bench_peft.py generate}, with the same work and the same keys in
 * the result.
 */
public final class BenchGenerate {

    private static final double MS_PER_NS = 1e-6;
    private static final double MS_PER_S = 1e3;
    private static final double LORA_ALPHA = 16;

    private final BenchGenerateOptions options;
    private final List<List<int[]>> batches = new ArrayList<>();
    private final Device device;

    private BenchGenerate(BenchGenerateOptions options) {
        this.options = options;
        this.device = options.device().open();
        Philox random = new Philox(options.seed(), "bench.ids");
        int count = options.warmup() + options.steps();
        List<Lengths.Pair> pairs = Lengths.order(Lengths.read(options.lengths()), count * options.batch(), options.seed());
        for (int i = 0; i < count; i++) {
            batches.add(pairs.subList(i * options.batch(), (i + 1) * options.batch()).stream().map(pair -> source(pair, random)).toList());
        }
    }

    private int[] source(Lengths.Pair pair, Philox random) {
        return Seq2SeqBatches.ids(Math.min(pair.source(), options.config().maxPositions()), options.config(), random);
    }

    /**
     * Runs the benchmark.
     *
     * @return what {@code bench generate} prints as one line of JSON, in the order of the keys
     * @throws org.primer4j.BadInputException when the lengths cannot be read or there are too many new tokens
     */
    public static Map<String, Object> run(BenchGenerateOptions options) {
        try {
            return new BenchGenerate(options).run();
        } catch (IOException e) {
            throw new UncheckedIOException("this system does not tell a process its memory or processor", e);
        }
    }

    // LoRA's second factor starts as zero: merged weights are those of the model.
    private Adaptation method() {
        boolean adapted = !options.method().equals("full") && !options.merge();
        Set<String> layers = options.method().equals("lora") ? Set.of("query", "value") : Set.of();
        return adapted ? new Lora(options.rank(), LORA_ALPHA, 0, layers) : Adaptation.frozen();
    }

    private Map<String, Object> run() throws IOException {
        Seq2Seq model = Seq2Seq.of(options.config());
        Adaptation method = method();
        try (Weights weights = RandomTensor.weights(device, options.config(), options.seed()); Parameters parameters = new Parameters(device, Generator.layout(model, method), 1)) {
            parameters.initialize(0, weights, method, options.seed());
            try (Generator generator = new Generator(model, weights, method, parameters, settings(), room(), device)) {
                batches.subList(0, options.warmup()).forEach(generator::generate);
                ProcessMemory.resetPeak();
                double[] stepMs = time(generator);
                Map<String, Object> result = describe();
                rates(result, stepMs);
                result.put("peak_memory_mib", Spread.round(ProcessMemory.peakMib(device), 1));
                result.put("program_mib", Spread.round(generator.bytes() / (double) (1 << 20), 1));
                BenchEnvironment.describe(result, device);
                return result;
            }
        }
    }

    // As many tokens at least as at most: no output ends before.
    private GenerationSettings settings() {
        int length = options.newTokens() + 1;
        return new GenerationSettings(options.beams(), length, length, 1, EarlyStopping.FALSE, 0, GenerationSettings.NONE, GenerationSettings.NONE,
            options.config().eosTokenId(), options.config().padTokenId(), options.config().decoderStartTokenId());
    }

    private GenerationRoom room() {
        int tokens = batches.stream().mapToInt(batch -> batch.stream().mapToInt(ids -> ids.length).sum()).max().orElseThrow();
        return new GenerationRoom(options.batch(), tokens);
    }

    private double[] time(Generator generator) {
        double[] stepMs = new double[options.steps()];
        for (int i = 0; i < stepMs.length; i++) {
            long start = System.nanoTime();
            List<List<Hypothesis>> found = generator.generate(batches.get(options.warmup() + i));
            stepMs[i] = (System.nanoTime() - start) * MS_PER_NS;
            requireLength(found);
        }
        return stepMs;
    }

    private void requireLength(List<List<Hypothesis>> found) {
        if (found.size() != options.batch() || found.stream().anyMatch(all -> all.get(0).tokens().length != options.newTokens() + 1)) {
            throw new IllegalStateException("an output does not have " + options.newTokens() + " new tokens");
        }
    }

    private Map<String, Object> describe() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("command", "generate");
        result.put("model", options.model());
        result.put("method", options.method());
        result.put("dtype", options.device().dtype());
        result.put("batch", options.batch());
        result.put("lengths", Lengths.shown(options.lengths()));
        result.put("beams", options.beams());
        result.put("new_tokens", options.newTokens());
        result.put("merged", options.merge());
        return result;
    }

    private void rates(Map<String, Object> result, double[] stepMs) {
        double sum = Arrays.stream(stepMs).sum();
        long produced = (long) stepMs.length * options.batch() * options.newTokens();
        result.put("step_ms", Spread.of(stepMs));
        result.put("ms_per_new_token", Spread.round(sum / stepMs.length / options.newTokens(), 3));
        result.put("generated_tokens_per_s", Spread.round(produced / sum * MS_PER_S, 2));
        result.put("output_shape", List.of(options.batch(), options.newTokens() + 1));
    }
}
