package org.primer4j.priming;

import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.StartedMethod;
import org.primer4j.progress.Progress;
import org.primer4j.training.CellResult;
import org.primer4j.training.Evaluator;
import org.primer4j.training.FewShotTuning;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;
import org.primer4j.training.TrainingSettings;
import org.primer4j.training.TuningGrid;
import org.primer4j.training.TuningSettings;

/**
 * How good theta is to start from: a method is tuned briefly on every dev task, and their dev scores' mean counts. One tuner is compiled and
 * reads theta anew each time. It has weights, parameters and random numbers of its own, so that priming goes on as if nobody had looked; that
 * is a second copy of the model in memory.
 */
final class DevScore<E extends TaskRow> implements AutoCloseable {

    private final Theta theta;
    private final List<TaskData<E>> tasks;
    private final long seed;
    private final Progress progress;
    private final TuningSettings settings;
    private final Weights weights;
    private final Trainer<E> trainer;
    private final Evaluator<E> evaluator;

    /** @param method what is tuned on the dev tasks, from theta's start values where it has some */
    DevScore(Learner<E> learner, PretrainedModel model, Theta theta, PeftMethod method, Validation validation, List<TaskData<E>> tasks, long seed,
             Progress progress, Device device) {
        this.theta = theta;
        this.tasks = tasks;
        this.seed = seed;
        this.progress = progress;
        this.settings = settings(validation, method);
        Map<String, TensorData> start = theta.peftStart();
        Adaptation adaptation = start.isEmpty() ? method : new StartedMethod(method, start);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.weights = opened.add(new Weights(device, theta.weights()));
            this.trainer = opened.add(learner.trainer(model, weights, adaptation, settings.training().dropout(), settings.training().optimizer(), device));
            this.evaluator = opened.add(learner.evaluator(model, weights, adaptation, trainer.parameters(), device));
            opened.succeeded();
        }
    }

    // The warm-up, dropout, decay and clipping of a quick tuning; dev is looked at once, at the end.
    private static TuningSettings settings(Validation validation, PeftMethod method) {
        TrainingSettings training = new TrainingSettings(validation.steps(), 0.1, 0.1, 0.01, 1);
        return new TuningSettings(training, new TuningGrid(List.of(rate(validation, method)), List.of(validation.batch())), validation.steps());
    }

    /** The learning rate of a look; BadInputException when none is given and none is usual. */
    static double rate(Validation validation, PeftMethod method) {
        return validation.rate() != null ? validation.rate() : middleRate(method.methodName());
    }

    private static double middleRate(String method) {
        if (!TuningGrid.methods().contains(method)) {
            throw new BadInputException("There is no usual learning rate to look at dev tasks with the method '" + method
                + "'; expected one to be given (--validation-rate).");
        }
        List<Double> rates = TuningGrid.forMethod(method).rates();
        return rates.get(rates.size() / 2);
    }

    /** The mean dev score of theta as it is now; a task on which tuning diverges counts as 0. */
    double now() {
        weights.refresh(theta.moving());
        return tasks.stream().mapToDouble(this::score).average().orElseThrow();
    }

    private double score(TaskData<E> task) {
        CellResult result = new FewShotTuning<>(trainer, evaluator, settings).tune(task, settings.trials().get(0), seed);
        if (result.diverged() != null) {
            progress.warn("dev task " + task.info().name() + " " + task.sample() + ": tuning diverged (" + result.diverged() + ")");
        }
        return result.devScore() == null ? 0 : result.devScore();
    }

    /** Bytes of native memory, the copy of the model included. */
    long bytes() {
        return weights.bytes() + trainer.bytes() + evaluator.bytes();
    }

    @Override
    public void close() {
        evaluator.close();
        trainer.close();
        weights.close();
    }
}
