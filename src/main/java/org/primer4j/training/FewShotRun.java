package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.NotFiniteException;
import org.primer4j.gym.Score;
import org.primer4j.model.Parameters;
import org.primer4j.objective.TaskRow;
import org.primer4j.random.Philox;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Training on one sample with one learning rate and batch size, looking at dev now and then. A run that diverges ends there and keeps what was
 * best so far, as CrossFit's does.
 */
final class FewShotRun<E extends TaskRow> {

    /** The flat vector of the best parameters so far. */
    static final String BEST = "best_values_of_run";

    private final Trainer<E> trainer;
    private final Evaluator<E> evaluator;
    private final TuningSettings settings;
    private final TaskData<E> task;
    private final Trial trial;
    private final List<CurvePoint> curve = new ArrayList<>();
    private Double bestDev;
    private int undefined;

    FewShotRun(Trainer<E> trainer, Evaluator<E> evaluator, TuningSettings settings, TaskData<E> task, Trial trial) {
        this.trainer = trainer;
        this.evaluator = evaluator;
        this.settings = settings;
        this.task = task;
        this.trial = trial;
    }

    /** Trains; the flat vector {@link #BEST} is written when the result has a dev score. */
    CellResult train(long seed) {
        long start = System.nanoTime();
        String diverged = null;
        try {
            steps(seed);
        } catch (TrainingException | NotFiniteException e) {
            diverged = e.getMessage();
        }
        return new CellResult(bestDev, undefined, diverged, curve, (System.nanoTime() - start) / 1e9);
    }

    private void steps(long seed) {
        trainer.reset(seed);
        BatchOrder<E> order = new BatchOrder<>(task.train(), trial.batch(), new Philox(seed, "batches " + task.info().name() + " " + task.sample()));
        int steps = settings.training().steps();
        Schedule schedule = settings.training().schedule(trial.rate());
        for (int step = 0; step < steps; step++) {
            double loss = trainer.step(order.next(), schedule.rate(step));
            boolean look = (step + 1) % settings.evaluateEvery() == 0 || step + 1 == steps;
            curve.add(new CurvePoint(step + 1, loss, look ? look() : null));
        }
    }

    private double look() {
        Score dev = task.score(task.dev(), evaluator.predict(task.dev()));
        undefined += dev.undefined() ? 1 : 0;
        if (bestDev == null || dev.value() > bestDev) {
            bestDev = dev.value();
            trainer.parameters().copyLane(Parameters.VALUES, BEST, 0);
        }
        return dev.value();
    }
}
