package org.primer4j.priming;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.experiment.CurvePoint;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.model.Encoder;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.Objective;
import org.primer4j.peft.FullTuning;
import org.primer4j.random.Philox;
import org.primer4j.training.BatchOrder;
import org.primer4j.training.Parameters;
import org.primer4j.training.ScoringTrainer;
import org.primer4j.training.TaskData;

/**
 * Multi-task priming of the PLM (Caruana 1997; Ye et al. 2021, sec. 5): plain training on the rows of all train tasks. Each
 * row of a batch comes from a task drawn uniformly, so that tasks with many labels do not crowd out the others.
 */
public final class MultiTask {

    private static final int CURVE_POINTS = 200;

    /**
     * What came out.
     *
     * @param model the primed PLM, with the objective's head if it has one
     */
    public record Outcome(PretrainedModel model, PrimingResult result) {}

    private final PrimingSettings settings;
    private final Objective objective;
    private final Capacity capacity;
    private final Device device;

    public MultiTask(PrimingSettings settings, Objective objective, Capacity capacity, Device device) {
        this.settings = settings;
        this.objective = objective;
        this.capacity = capacity;
        this.device = device;
    }

    /** Primes a copy of a model on all rows given (a task may occur with several samples). */
    public Outcome run(PretrainedModel model, List<TaskData> tasks, long seed, Progress progress) {
        long start = System.nanoTime();
        try (Weights weights = new Weights(model.weights());
             ScoringTrainer trainer = new ScoringTrainer(new Encoder(model.config().asEncoder()), weights, new FullTuning(settings.embeddings()), objective,
                 settings.dropout(), settings.optimizer(), capacity, device)) {
            trainer.reset(seed);
            List<BatchOrder> rows = byTask(tasks, seed);
            List<CurvePoint> curve = train(trainer, rows, seed, progress);
            PrimingResult result = new PrimingResult(rows.size(), settings.steps(), curve, (System.nanoTime() - start) / 1e9,
                (long) settings.steps() * settings.batch(), trainer.tokens());
            return new Outcome(withTensors(model, trainer.parameters()), result);
        }
    }

    private List<BatchOrder> byTask(List<TaskData> tasks, long seed) {
        Map<String, List<EncodedExample>> rows = new LinkedHashMap<>();
        tasks.forEach(t -> rows.computeIfAbsent(t.info().name(), n -> new ArrayList<>()).addAll(t.train()));
        List<BatchOrder> orders = new ArrayList<>();
        rows.forEach((name, examples) -> orders.add(new BatchOrder(examples, 1, new Philox(seed, "priming rows " + name))));
        return orders;
    }

    private List<CurvePoint> train(ScoringTrainer trainer, List<BatchOrder> tasks, long seed, Progress progress) {
        Philox random = new Philox(seed, "priming tasks");
        List<EncodedExample> batch = new ArrayList<>();
        List<CurvePoint> curve = new ArrayList<>();
        int every = Math.max(1, settings.steps() / CURVE_POINTS);
        double sum = 0;
        progress.start("priming", settings.steps());
        for (int step = 0; step < settings.steps(); step++) {
            batch.clear();
            for (int i = 0; i < settings.batch(); i++) {
                batch.add(tasks.get(random.nextInt(tasks.size())).next().get(0));
            }
            sum += trainer.step(batch, settings.schedule().rate(step));
            if ((step + 1) % every == 0) {
                curve.add(new CurvePoint(step + 1, sum / every, null));
                progress.step(step + 1, String.format(Locale.ROOT, "loss %.3f", sum / every));
                sum = 0;
            }
        }
        return curve;
    }

    private static PretrainedModel withTensors(PretrainedModel model, Parameters parameters) {
        Map<String, TensorData> tensors = new LinkedHashMap<>(model.weights());
        parameters.layout().entries().forEach(entry -> {
            TensorData old = tensors.get(entry.name());
            long[] shape = old != null ? old.shape() : new long[] {entry.rows(), entry.cols()};
            tensors.put(entry.name(), TensorData.of(shape, parameters.read(0, entry.name())));
        });
        return model.withWeights(tensors);
    }
}
