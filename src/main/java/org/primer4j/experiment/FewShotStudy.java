package org.primer4j.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.StartedMethod;
import org.primer4j.progress.Progress;
import org.primer4j.training.CellArchive;
import org.primer4j.training.CellResult;
import org.primer4j.training.Evaluator;
import org.primer4j.training.FewShotTuning;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;
import org.primer4j.training.TuningSettings;

/**
 * Tunes every method on every sample of every test task, starting from a given PLM. The programs of a method are compiled
 * once and serve all its runs.
 *
 * @param <E> a row as the model reads it
 */
public final class FewShotStudy<E extends TaskRow> implements AutoCloseable {

    private final PretrainedModel model;
    private final Weights weights;
    private final Learner<E> learner;
    private final TuningSettings settings;
    private final Device device;
    private final Map<String, TensorData> peftStart;

    /** With start values as the methods draw them. */
    public FewShotStudy(PretrainedModel model, Learner<E> learner, TuningSettings settings, Device device) {
        this(model, Map.of(), learner, settings, device);
    }

    /** @param peftStart what the parameters of a method start from, as priming left them; empty for what the method draws */
    public FewShotStudy(PretrainedModel model, Map<String, TensorData> peftStart, Learner<E> learner, TuningSettings settings, Device device) {
        this.peftStart = Map.copyOf(peftStart);
        this.model = model;
        this.weights = new Weights(device, model.weights());
        this.learner = learner;
        this.settings = settings;
        this.device = device;
    }

    /** Told of each run while the tuned parameters are at hand. */
    @FunctionalInterface
    public interface Listener {
        /** @param tuned the chosen parameters, overwritten by the next run */
        void tuned(TaskData<?> sample, RunResult result, Parameters tuned);
    }

    /** As {@link #run(PeftMethod, String, List, long, Progress, int, CellArchive, Listener)}, with nothing kept and nobody told. */
    public List<RunResult> run(PeftMethod method, String start, List<TaskData<E>> samples, long seed, Progress progress, int done) {
        return run(method, start, samples, seed, progress, done, CellArchive.none(), (sample, result, tuned) -> { });
    }

    /**
     * Tunes one method on all samples.
     *
     * @param start unprimed or primed, for the results
     * @param done cells finished before, for the progress
     * @param archive where finished cells are found and kept
     * @param listener told of each run
     */
    public List<RunResult> run(PeftMethod method, String start, List<TaskData<E>> samples, long seed, Progress progress, int done,
                               CellArchive archive, Listener listener) {
        List<RunResult> results = new ArrayList<>();
        CellProgress cells = new CellProgress(progress, method.methodName() + " " + start, done);
        Adaptation adaptation = peftStart.isEmpty() ? method : new StartedMethod(method, peftStart);
        try (Trainer<E> trainer = learner.trainer(model, weights, adaptation, settings.training().dropout(), settings.training().optimizer(), device);
             Evaluator<E> evaluator = learner.evaluator(model, weights, adaptation, trainer.parameters(), device)) {
            FewShotTuning<E> tuning = new FewShotTuning<>(trainer, evaluator, settings, archive, cells::finished);
            for (TaskData<E> sample : samples) {
                cells.sample = sample;
                RunResult result = result(method, start, sample, tuning.run(sample, seed));
                results.add(result);
                listener.tuned(sample, result, trainer.parameters());
                cells.show("test", result.testScore());
            }
        }
        return results;
    }

    /** Tells how far a method is. */
    private final class CellProgress {

        private final Progress progress;
        private final String what;
        private int done;
        private TaskData<E> sample;

        CellProgress(Progress progress, String what, int done) {
            this.progress = progress;
            this.what = what;
            this.done = done;
        }

        void finished(CellResult run) {
            done++;
            if (run.diverged() != null) {
                progress.warn(String.format(Locale.ROOT, "%s %d %s: a run diverged and was stopped (%s)", sample.info().name(), sample.sample(), what,
                    run.diverged()));
            }
            show("dev", run.devScore() == null ? Double.NaN : run.devScore());
        }

        void show(String part, double score) {
            progress.step(done, String.format(Locale.ROOT, "%s %d %s %s %.3f", sample.info().name(), sample.sample(), what, part, score));
        }
    }

    private RunResult result(PeftMethod method, String start, TaskData<E> sample, FewShotTuning.Outcome outcome) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        chosen.put("learning_rate", outcome.trial().rate());
        chosen.put("batch", outcome.trial().batch());
        return new RunResult(sample.info().name(), sample.info().type().name().toLowerCase(Locale.ROOT), sample.info().metricName(),
            method.methodName(), learner.settings().objectiveName(), start, sample.sample(), outcome.devScore(), outcome.testScore(), sample.chance(),
            outcome.undefined(), outcome.diverged(), chosen, outcome.curve(), outcome.seconds());
    }

    @Override
    public void close() {
        weights.close();
    }
}
