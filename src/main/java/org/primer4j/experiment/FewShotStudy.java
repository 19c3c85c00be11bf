package org.primer4j.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.gym.Gym;
import org.primer4j.model.Encoder;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.Objective;
import org.primer4j.objective.SequencePool;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.PeftMethod;
import org.primer4j.training.FewShotTuning;
import org.primer4j.training.Parameters;
import org.primer4j.training.ScoringEvaluator;
import org.primer4j.training.ScoringTrainer;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings;

/**
 * Tunes every method on every sample of every test task, starting from a given PLM. The programs of a method are compiled
 * once and serve all its runs.
 */
public final class FewShotStudy implements AutoCloseable {

    private final PretrainedModel model;
    private final Weights weights;
    private final Objective objective;
    private final TuningSettings settings;
    private final Capacity capacity;
    private final Device device;

    public FewShotStudy(PretrainedModel model, Objective objective, TuningSettings settings, Capacity capacity, Device device) {
        this.model = model;
        this.weights = new Weights(model.weights());
        this.objective = objective;
        this.settings = settings;
        this.capacity = capacity;
        this.device = device;
    }

    /** Reads and tokenises samples of tasks. */
    public static List<TaskData> read(Gym gym, List<String> tasks, List<Integer> samples, Objective objective, TextFormat format, SequencePool pool) {
        List<TaskData> data = new ArrayList<>();
        for (String task : tasks) {
            for (int sample : samples) {
                data.add(TaskData.of(gym.read(task, sample), objective, format, pool));
            }
        }
        return data;
    }

    /** Told of each run while the tuned parameters are at hand. */
    @FunctionalInterface
    public interface Listener {
        /** @param tuned the chosen parameters, overwritten by the next run */
        void tuned(TaskData sample, RunResult result, Parameters tuned);
    }

    /** As {@link #run(PeftMethod, String, List, long, Progress, int, Listener)}, with nobody told. */
    public List<RunResult> run(PeftMethod method, String start, List<TaskData> samples, long seed, Progress progress, int done) {
        return run(method, start, samples, seed, progress, done, (sample, result, tuned) -> { });
    }

    /**
     * Tunes one method on all samples.
     *
     * @param start unprimed or primed, for the results
     * @param done runs finished before, for the progress
     * @param listener told of each run
     */
    public List<RunResult> run(PeftMethod method, String start, List<TaskData> samples, long seed, Progress progress, int done,
                               Listener listener) {
        List<RunResult> results = new ArrayList<>();
        Encoder encoder = new Encoder(model.config().asEncoder());
        try (ScoringTrainer trainer = new ScoringTrainer(encoder, weights, method, objective, settings.dropout(), settings.optimizer(), capacity, device);
             ScoringEvaluator evaluator = new ScoringEvaluator(encoder, weights, method, objective, trainer.parameters(), capacity, device)) {
            FewShotTuning tuning = new FewShotTuning(trainer, evaluator, settings);
            for (TaskData sample : samples) {
                FewShotTuning.Outcome outcome = tuning.run(sample, seed);
                RunResult result = result(method, start, sample, outcome);
                results.add(result);
                listener.tuned(sample, result, trainer.parameters());
                progress.step(done + results.size(), String.format(Locale.ROOT, "%s %s %s %.3f", sample.info().name(), method.methodName(), start,
                    outcome.testScore()));
            }
        }
        return results;
    }

    private RunResult result(PeftMethod method, String start, TaskData sample, FewShotTuning.Outcome outcome) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        chosen.put("learning_rate", outcome.rate());
        return new RunResult(sample.info().name(), sample.info().type().name().toLowerCase(Locale.ROOT), sample.info().metricName(),
            method.methodName(), objective.objectiveName(), start, sample.sample(), outcome.devScore(), outcome.testScore(), sample.chance(), chosen,
            outcome.curve(), outcome.seconds());
    }

    @Override
    public void close() {
        weights.close();
    }
}
