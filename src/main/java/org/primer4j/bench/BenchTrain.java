package org.primer4j.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;

/** Times training steps: the peer's {@code bench_peft.py train}, with the same work and the same keys in the result. */
public final class BenchTrain {

    private static final double MS_PER_NS = 1e-6;
    private static final double MS_PER_S = 1e3;

    private final BenchTrainOptions options;
    private final List<BenchBatch> batches;
    private final Device device;
    private boolean lossFinite = true;

    private BenchTrain(BenchTrainOptions options) {
        this.options = options;
        this.batches = BenchBatch.draw(options, BenchModel.MINILM, options.warmup() + options.steps());
        this.device = options.threads() == 0 ? Device.cpu() : Device.cpu(options.threads());
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
        int tokens = batches.stream().mapToInt(BenchBatch::tokens).max().orElseThrow();
        try (BenchTrainer trainer = new BenchTrainer(options, tokens, device)) {
            batches.subList(0, options.warmup()).forEach(trainer::step);
            ProcessMemory.resetPeak();
            double[] stepMs = time(trainer);
            double peakMib = ProcessMemory.peakMib();
            Map<String, Object> result = describe();
            rates(result, stepMs);
            result.put("peak_memory_mib", Spread.round(peakMib, 1));
            result.put("program_mib", Spread.round(trainer.program().bytes() / (double) (1 << 20), 1));
            result.put("loss_finite", lossFinite);
            result.put("parameters_trained", trainer.trained());
            result.put("parameters_total", total(trainer));
            result.put("trained_dtype", "float32");
            BenchEnvironment.describe(result, device);
            if (options.profile()) {
                result.put("profile", Profile.measure(trainer, timed(), device));
            }
            return result;
        }
    }

    private List<BenchBatch> timed() {
        return batches.subList(options.warmup(), batches.size());
    }

    // Each step's fastest time over the passes.
    private double[] time(BenchTrainer trainer) {
        List<BenchBatch> timed = timed();
        double[] fastest = new double[timed.size()];
        Arrays.fill(fastest, Double.POSITIVE_INFINITY);
        for (int pass = 0; pass < options.passes(); pass++) {
            for (int i = 0; i < fastest.length; i++) {
                long start = System.nanoTime();
                lossFinite &= Float.isFinite(trainer.step(timed.get(i)));
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
        result.put("dtype", options.dtype());
        result.put("batch", options.batch());
        result.put("lengths", options.lengths().startsWith("fixed:") ? options.lengths()
            : options.lengths().substring(options.lengths().lastIndexOf('/') + 1));
        result.put("passes", options.passes());
        result.put("dropout", options.dropout());
        return result;
    }

    // Nothing is padded: padded tokens are the real ones.
    private void rates(Map<String, Object> result, double[] stepMs) {
        long tokens = timed().stream().mapToLong(BenchBatch::tokens).sum();
        double rate = Spread.round(tokens / Arrays.stream(stepMs).sum() * MS_PER_S, 1);
        result.put("step_ms", Spread.of(stepMs));
        result.put("real_tokens_per_s", rate);
        result.put("padded_tokens_per_s", rate);
        result.put("padding_share", 0.0);
    }

    // The peer's count for LoRA has a second, frozen copy of the classifier in it, which is not made here.
    private static long total(BenchTrainer trainer) {
        return trainer.program().plan().graph().nodes().stream().filter(n -> n.op() instanceof Leaf leaf
            && (leaf.kind() == Leaf.Kind.WEIGHT || leaf.kind() == Leaf.Kind.PARAMETER)).map(n -> n.output(0)).mapToLong(BenchTrain::size).sum();
    }

    private static long size(Value value) {
        return value.shape().elements(1);
    }
}
