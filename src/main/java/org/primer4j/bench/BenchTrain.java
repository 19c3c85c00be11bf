package org.primer4j.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.primer4j.engine.Device;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.peft.FullTuning;

/** Times training steps: the peer's {@code bench_peft.py train}, with the same work and the same keys in the result. */
public final class BenchTrain {

    private static final double MS_PER_NS = 1e-6;
    private static final double MS_PER_S = 1e3;

    private final BenchTrainOptions options;
    private final Device device;
    private boolean lossFinite = true;

    private BenchTrain(BenchTrainOptions options) {
        this.options = options;
        this.device = options.device().open();
    }

    /**
     * Runs the benchmark.
     *
     * @return what {@code bench train} prints as one line of JSON, in the order of the keys
     * @throws org.primer4j.BadInputException when the lengths cannot be read
     */
    public static Map<String, Object> run(BenchTrainOptions options) {
        try {
            return new BenchTrain(options).run();
        } catch (IOException e) {
            throw new UncheckedIOException("this system does not tell a process its memory or processor", e);
        }
    }

    /** The result as one line. */
    public static String toJson(Map<String, Object> result) {
        try {
            return new ObjectMapper().writeValueAsString(result);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Object> run() throws IOException {
        try (BenchRun run = options.isSeq2Seq() ? new Seq2SeqBenchTrainer(options, device) : new BenchTrainer(options, device)) {
            for (int batch = 0; batch < options.warmup(); batch++) {
                run.step(batch);
            }
            ProcessMemory.resetPeak();
            double[] stepMs = time(run);
            double peakMib = ProcessMemory.peakMib(device);
            Map<String, Object> result = describe();
            rates(result, run, stepMs);
            result.put("peak_memory_mib", Spread.round(peakMib, 1));
            result.put("program_mib", Spread.round(run.program().bytes() / (double) (1 << 20), 1));
            result.put("loss_finite", lossFinite);
            result.put("parameters_trained", run.trained());
            result.put("parameters_total", total(run.program().plan().graph()));
            result.put("trained_dtype", "float32");
            BenchEnvironment.describe(result, device);
            if (options.profile()) {
                result.put("profile", Profile.measure(run, options.warmup(), options.warmup() + options.steps(), device));
            }
            return result;
        }
    }

    // Each step's fastest time over the passes.
    private double[] time(BenchRun run) {
        double[] fastest = new double[options.steps()];
        Arrays.fill(fastest, Double.POSITIVE_INFINITY);
        for (int pass = 0; pass < options.passes(); pass++) {
            for (int i = 0; i < fastest.length; i++) {
                long start = System.nanoTime();
                lossFinite &= Float.isFinite(run.step(options.warmup() + i));
                fastest[i] = Math.min(fastest[i], (System.nanoTime() - start) * MS_PER_NS);
            }
        }
        return fastest;
    }

    private Map<String, Object> describe() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("command", "train");
        result.put("model", options.model());
        result.put("method", options.method());
        result.put("objective", options.objective());
        result.put("dtype", options.device().dtype());
        result.put("batch", options.batch());
        result.put("lengths", Lengths.shown(options.lengths()));
        result.put("passes", options.passes());
        result.put("dropout", options.dropout());
        return result;
    }

    private void rates(Map<String, Object> result, BenchRun run, double[] stepMs) {
        rates(result, IntStream.range(0, stepMs.length).mapToLong(i -> run.sizes(options.warmup() + i).tokens()).sum(), stepMs);
    }

    /** Adds the times of steps and the rate of their tokens. Nothing is padded: padded tokens are the real ones. */
    static void rates(Map<String, Object> result, long tokens, double[] stepMs) {
        double rate = Spread.round(tokens / Arrays.stream(stepMs).sum() * MS_PER_S, 1);
        result.put("step_ms", Spread.of(stepMs));
        result.put("real_tokens_per_s", rate);
        result.put("padded_tokens_per_s", rate);
        result.put("padding_share", 0.0);
    }

    /** Numbers that could be trained. The peer's count for LoRA has a second, frozen copy of the classifier in it, which is not made here. */
    static long total(Graph graph) {
        return graph.nodes().stream().filter(n -> n.op() instanceof Leaf leaf && trainable(leaf)).map(n -> n.output(0)).mapToLong(BenchTrain::size).sum();
    }

    private static boolean trainable(Leaf leaf) {
        return leaf.kind() == Leaf.Kind.PARAMETER || leaf.kind() == Leaf.Kind.WEIGHT && new FullTuning(true).trains(leaf.leafName());
    }

    private static long size(Value value) {
        return value.shape().elements(1);
    }
}
