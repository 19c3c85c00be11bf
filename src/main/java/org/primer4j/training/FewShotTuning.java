package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.primer4j.experiment.CellResult;
import org.primer4j.experiment.CurvePoint;
import org.primer4j.gym.Score;
import org.primer4j.objective.TaskRow;
import org.primer4j.random.Philox;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Tunes on one sample of one task (CrossFit's protocol, Ye et al. 2021, sec. 4.2): for each learning rate and batch size
 * train, look at dev now and then, keep the best parameters over all of them, and score test once with those.
 *
 * @param <E> a row
 */
public final class FewShotTuning<E extends TaskRow> {

    private static final String BEST = "best_values";
    private static final String BEST_OF_RUN = "best_values_of_run";

    /**
     * What came out.
     *
     * @param trial the chosen learning rate and batch size
     * @param undefined dev and test scores that have no value and count as 0, of all runs
     * @param curve loss and dev score of the chosen run
     * @param seconds of all runs, also those that were found finished
     */
    public record Outcome(Trial trial, double devScore, double testScore, int undefined, List<CurvePoint> curve, double seconds) {}

    private final Trainer<E> trainer;
    private final Evaluator<E> evaluator;
    private final TuningSettings settings;
    private final CellArchive archive;
    private final Consumer<CellResult> listener;

    /** @param evaluator shares the trainer's parameters */
    public FewShotTuning(Trainer<E> trainer, Evaluator<E> evaluator, TuningSettings settings) {
        this(trainer, evaluator, settings, CellArchive.none(), run -> { });
    }

    /**
     * @param archive where finished cells are found and kept
     * @param listener told of each finished cell
     */
    public FewShotTuning(Trainer<E> trainer, Evaluator<E> evaluator, TuningSettings settings, CellArchive archive, Consumer<CellResult> listener) {
        this.trainer = trainer;
        this.evaluator = evaluator;
        this.settings = settings;
        this.archive = archive;
        this.listener = listener;
    }

    /** Tunes from start values drawn from {@code seed}; the trainer holds the chosen parameters afterwards. */
    public Outcome run(TaskData<E> task, long seed) {
        Trial chosen = null;
        CellResult best = null;
        double seconds = 0;
        int undefined = 0;
        for (Trial trial : settings.trials()) {
            Optional<CellResult> found = archive.find(task, trial);
            CellResult run = found.isPresent() ? found.get() : train(task, seed, trial);
            seconds += run.seconds();
            undefined += run.undefined();
            if (best == null || run.devScore() > best.devScore()) {
                chosen = trial;
                best = run;
                keepValues(task, trial, found.isPresent());
            }
            listener.accept(run);
        }
        trainer.parameters().copyLane(BEST, Parameters.VALUES, 0);
        long start = System.nanoTime();
        Score test = task.score(task.test(), evaluator.predictForReport(task.test()));
        return new Outcome(chosen, best.devScore(), test.value(), undefined + (test.undefined() ? 1 : 0), best.curve(),
            seconds + (System.nanoTime() - start) / 1e9);
    }

    private void keepValues(TaskData<E> task, Trial trial, boolean wasFinished) {
        if (wasFinished) {
            archive.restore(task, trial, trainer.parameters(), BEST);
        } else {
            trainer.parameters().copyLane(BEST_OF_RUN, BEST, 0);
        }
    }

    private CellResult train(TaskData<E> task, long seed, Trial trial) {
        long start = System.nanoTime();
        trainer.reset(seed);
        BatchOrder<E> order = new BatchOrder<>(task.train(), trial.batch(), new Philox(seed, "batches " + task.info().name() + " " + task.sample()));
        int steps = settings.training().steps();
        Schedule schedule = settings.training().schedule(trial.rate());
        List<CurvePoint> curve = new ArrayList<>();
        double bestDev = Double.NEGATIVE_INFINITY;
        int undefined = 0;
        for (int step = 0; step < steps; step++) {
            double loss = trainer.step(order.next(), schedule.rate(step));
            boolean look = (step + 1) % settings.evaluateEvery() == 0 || step + 1 == steps;
            Score dev = look ? task.score(task.dev(), evaluator.predict(task.dev())) : null;
            curve.add(new CurvePoint(step + 1, loss, look ? dev.value() : null));
            undefined += look && dev.undefined() ? 1 : 0;
            if (look && dev.value() > bestDev) {
                bestDev = dev.value();
                trainer.parameters().copyLane(Parameters.VALUES, BEST_OF_RUN, 0);
            }
        }
        CellResult result = new CellResult(bestDev, undefined, curve, (System.nanoTime() - start) / 1e9);
        archive.keep(task, trial, result, trainer.parameters(), BEST_OF_RUN);
        return result;
    }
}
