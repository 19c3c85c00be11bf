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
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.FullTuning;
import org.primer4j.random.Philox;
import org.primer4j.training.BatchOrder;
import org.primer4j.training.Learner;
import org.primer4j.training.Parameters;
import org.primer4j.training.Schedule;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;

/**
 * Multi-task priming of the PLM (Caruana 1997; Ye et al. 2021, sec. 5): plain training on the rows of all train tasks. Each
 * row of a batch comes from a task drawn uniformly, so that tasks with many labels do not crowd out the others.
 *
 * @param <E> a row as the model reads it
 */
public final class MultiTask<E extends TaskRow> {

    private static final int CURVE_POINTS = 200;

    /**
     * What came out.
     *
     * @param model the primed PLM, with the objective's head if it has one
     */
    public record Outcome(PretrainedModel model, PrimingResult result) {}

    private final PrimingSettings settings;
    private final Learner<E> learner;
    private final Device device;

    public MultiTask(PrimingSettings settings, Learner<E> learner, Device device) {
        this.settings = settings;
        this.learner = learner;
        this.device = device;
    }

    /** Primes a copy of a model on all rows given (a task may occur with several samples). */
    public Outcome run(PretrainedModel model, List<TaskData<E>> tasks, long seed, Progress progress) {
        long start = System.nanoTime();
        try (Weights weights = new Weights(model.weights());
             Trainer<E> trainer = learner.trainer(model, weights, new FullTuning(settings.embeddings()), settings.training().dropout(),
                 settings.training().optimizer(), device)) {
            trainer.reset(seed);
            List<BatchOrder<E>> rows = byTask(tasks, seed);
            List<CurvePoint> curve = train(trainer, rows, seed, progress);
            PrimingResult result = new PrimingResult(rows.size(), settings.training().steps(), curve, (System.nanoTime() - start) / 1e9,
                (long) settings.training().steps() * settings.batch(), trainer.tokens());
            return new Outcome(withTensors(model, trainer.parameters()), result);
        }
    }

    private List<BatchOrder<E>> byTask(List<TaskData<E>> tasks, long seed) {
        Map<String, List<E>> rows = new LinkedHashMap<>();
        tasks.forEach(t -> rows.computeIfAbsent(t.info().name(), n -> new ArrayList<>()).addAll(t.train()));
        List<BatchOrder<E>> orders = new ArrayList<>();
        rows.forEach((name, examples) -> orders.add(new BatchOrder<>(examples, 1, new Philox(seed, "priming rows " + name))));
        return orders;
    }

    private List<CurvePoint> train(Trainer<E> trainer, List<BatchOrder<E>> tasks, long seed, Progress progress) {
        Philox random = new Philox(seed, "priming tasks");
        List<E> batch = new ArrayList<>();
        List<CurvePoint> curve = new ArrayList<>();
        int steps = settings.training().steps();
        Schedule schedule = settings.training().schedule(settings.rate());
        int every = Math.max(1, steps / CURVE_POINTS);
        double sum = 0;
        progress.start("priming", steps);
        for (int step = 0; step < steps; step++) {
            batch.clear();
            for (int i = 0; i < settings.batch(); i++) {
                batch.add(tasks.get(random.nextInt(tasks.size())).next().get(0));
            }
            sum += trainer.step(batch, schedule.rate(step));
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
