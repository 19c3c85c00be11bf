package org.primer4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.primer4j.engine.Device;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.Lora;
import org.primer4j.priming.Tunables;
import org.primer4j.priming.meta.Episode;
import org.primer4j.priming.meta.Fomaml;
import org.primer4j.priming.meta.LossGraphs;
import org.primer4j.priming.meta.Maml;
import org.primer4j.priming.meta.MetaAdaptation;
import org.primer4j.priming.meta.MetaAlgorithm;
import org.primer4j.priming.meta.MetaModel;
import org.primer4j.priming.meta.MetaSettings;
import org.primer4j.priming.meta.Reptile;
import org.primer4j.training.Optimizer;
import org.primer4j.training.Seq2SeqTrainer;

/**
 * Times outer steps of meta-learning on BART: the peer's {@code bench_peft.py maml}, fomaml and reptile, with the same work and the same keys in
 * the result.
 */
public final class BenchMeta {

    private static final double MS_PER_NS = 1e-6;
    private static final double LORA_ALPHA = 16;
    private static final double DECAY = 0.01;
    private static final double CLIP_NORM = 1;

    private final BenchMetaOptions options;
    private final Device device;
    private final List<List<Episode<Seq2SeqExample>>> outerSteps = new ArrayList<>();
    private final LossGraphs<Seq2SeqExample> graphs;
    private final MetaAdaptation adaptation;
    private boolean lossFinite = true;

    private BenchMeta(BenchMetaOptions options) {
        this.options = options;
        this.device = options.device().open();
        this.adaptation = options.movesLora() ? new MetaAdaptation(Lora.queryValue(options.rank(), LORA_ALPHA), Tunables.PEFT, Tunables.PEFT, true)
            : new MetaAdaptation(null, Tunables.PLM, Tunables.PLM, true);
        Function<Double, Seq2SeqCapacity> room = room(draw(), options.batch());
        Seq2Seq network = Seq2Seq.of(options.config());
        this.graphs = (lanes, share) -> Seq2SeqTrainer.graph(network, adaptation, 0, 0, room.apply(share), lanes);
    }

    /** Draws the tasks of all outer steps; returns their batches. */
    private List<List<Seq2SeqExample>> draw() {
        int count = options.warmup() + options.steps(), longest = options.config().maxPositions();
        int perStep = options.tasks() * (options.innerSteps() + 1);
        List<List<Seq2SeqExample>> batches = Seq2SeqBatches.draw(options.lengths(), count * perStep, options.batch(), options.config(),
            longest, longest, options.seed());
        Iterator<List<Seq2SeqExample>> next = batches.iterator();
        for (int step = 0; step < count; step++) {
            outerSteps.add(tasks(next));
        }
        return batches;
    }

    // The largest batch's; a share of it takes the longest row at least.
    private static Function<Double, Seq2SeqCapacity> room(List<List<Seq2SeqExample>> batches, int rows) {
        Seq2SeqCapacity largest = new Seq2SeqCapacity(largest(batches, Seq2SeqExample::source, true), largest(batches, Seq2SeqExample::target, true), rows);
        int source = largest(batches, Seq2SeqExample::source, false), target = largest(batches, Seq2SeqExample::target, false);
        return share -> largest.share(share).atLeast(source, target);
    }

    // Tokens of a side, of a batch or of a row.
    private static int largest(List<List<Seq2SeqExample>> batches, Function<Seq2SeqExample, int[]> side, boolean ofBatch) {
        return batches.stream().map(rows -> rows.stream().mapToInt(row -> side.apply(row).length))
            .mapToInt(lengths -> ofBatch ? lengths.sum() : lengths.max().orElseThrow()).max().orElseThrow();
    }

    private List<Episode<Seq2SeqExample>> tasks(Iterator<List<Seq2SeqExample>> batches) {
        List<Episode<Seq2SeqExample>> tasks = new ArrayList<>();
        for (int task = 0; task < options.tasks(); task++) {
            List<List<Seq2SeqExample>> support = new ArrayList<>();
            for (int k = 0; k < options.innerSteps(); k++) {
                support.add(batches.next());
            }
            tasks.add(new Episode<>("task " + task, support, batches.next()));
        }
        return tasks;
    }

    /**
     * Runs the benchmark.
     *
     * @return what the command prints as one line of JSON, in the order of the keys
     * @throws org.primer4j.BadInputException when the lengths cannot be read
     */
    public static Map<String, Object> run(BenchMetaOptions options) {
        try {
            return new BenchMeta(options).run();
        } catch (IOException e) {
            throw new UncheckedIOException("this system does not tell a process its memory or processor", e);
        }
    }

    private Map<String, Object> run() throws IOException {
        try (Weights weights = RandomTensor.weights(device, options.config(), options.seed());
                MetaModel<Seq2SeqExample> model = new MetaModel<>(graphs, adaptation, weights, settings(), device)) {
            outerSteps.subList(0, options.warmup()).forEach(tasks -> step(model, tasks));
            ProcessMemory.resetPeak();
            double[] stepMs = outerSteps.subList(options.warmup(), outerSteps.size()).stream().mapToDouble(tasks -> time(model, tasks)).toArray();
            double peakMib = ProcessMemory.peakMib(device);
            Map<String, Object> result = describe();
            BenchTrain.rates(result, tokens(), stepMs);
            result.put("peak_memory_mib", Spread.round(peakMib, 1));
            result.put("program_mib", Spread.round(model.bytes() / (double) (1 << 20), 1));
            result.put("loss_finite", lossFinite);
            result.put("parameters_trained", model.theta().layout().count());
            result.put("parameters_total", BenchTrain.total(graphs.graph(1, 1).graph()));
            result.put("trained_dtype", "float32");
            BenchEnvironment.describe(result, device);
            return result;
        }
    }

    private MetaSettings settings() {
        return new MetaSettings(options.movesLora() ? options.tasks() : 1, options.innerSteps(), options.innerRate(), algorithm().secondOrder(),
            isReptile() ? null : Optimizer.AdamW.with(DECAY, CLIP_NORM));
    }

    private MetaAlgorithm algorithm() {
        return switch (options.command()) {
            case "maml" -> new Maml();
            case "fomaml" -> new Fomaml();
            case "reptile" -> new Reptile();
            default -> throw new IllegalStateException(options.command());
        };
    }

    private boolean isReptile() {
        return options.command().equals("reptile");
    }

    private void step(MetaModel<Seq2SeqExample> model, List<Episode<Seq2SeqExample>> tasks) {
        lossFinite &= Double.isFinite(algorithm().outerStep(model, tasks, isReptile() ? options.outerRate() : options.rate()));
    }

    private double time(MetaModel<Seq2SeqExample> model, List<Episode<Seq2SeqExample>> tasks) {
        long start = System.nanoTime();
        step(model, tasks);
        return (System.nanoTime() - start) * MS_PER_NS;
    }

    /** Tokens of the timed steps' batches, each counted once; Reptile has no query. */
    private long tokens() {
        return outerSteps.subList(options.warmup(), outerSteps.size()).stream().flatMap(List::stream)
            .mapToLong(task -> tokens(task.support()) + (isReptile() ? 0 : tokens(List.of(task.query())))).sum();
    }

    private static long tokens(List<List<Seq2SeqExample>> batches) {
        return batches.stream().flatMap(List::stream).mapToLong(Seq2SeqExample::tokens).sum();
    }

    private Map<String, Object> describe() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("command", options.command());
        result.put("model", options.model());
        result.put("objective", "seq2seq");
        result.put("dtype", options.device().dtype());
        result.put("batch", options.batch());
        result.put("lengths", Lengths.shown(options.lengths()));
        result.put("dropout", 0.0);
        result.put("inner", options.inner());
        result.put("tasks", options.tasks());
        result.put("inner_steps", options.innerSteps());
        return result;
    }
}
