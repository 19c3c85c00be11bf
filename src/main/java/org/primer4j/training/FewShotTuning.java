package org.primer4j.training;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.primer4j.gym.Score;
import org.primer4j.model.Parameters;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Tunes on one sample of one task (CrossFit's protocol, Ye et al. 2021, sec. 4.2): for each learning rate and batch size
 * train, look at dev now and then, keep the best parameters over all of them, and score test once with those.
 *
 * @param <E> a row
 */
public final class FewShotTuning<E extends TaskRow> {

    private static final String BEST = "best_values";

    /**
     * What came out.
     *
     * @param trial the chosen learning rate and batch size
     * @param undefined dev and test scores that have no value and count as 0, of all runs
     * @param diverged runs that ended early because something was not finite
     * @param curve loss and dev score of the chosen run
     * @param seconds of all runs, also those that were found finished
     */
    public record Outcome(Trial trial, double devScore, double testScore, int undefined, int diverged, List<CurvePoint> curve, double seconds) {}

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

    /**
     * Tunes from start values drawn from {@code seed}; the trainer holds the chosen parameters afterwards.
     *
     * @throws TrainingException when every run diverged before dev was looked at
     */
    public Outcome run(TaskData<E> task, long seed) {
        Grid grid = new Grid(task, seed);
        settings.trials().forEach(grid::visit);
        grid.loadBest();
        long start = System.nanoTime();
        Score test = task.score(task.test(), evaluator.predictForReport(task.test()));
        return new Outcome(grid.chosen, grid.best.devScore(), test.value(), grid.undefined + (test.undefined() ? 1 : 0), grid.diverged, grid.best.curve(),
            grid.seconds + (System.nanoTime() - start) / 1e9);
    }

    /**
     * Tunes one cell from start values drawn from {@code seed}, whatever the archive holds; test rows are not looked at, and the trainer holds
     * the last parameters afterwards.
     */
    public CellResult tune(TaskData<E> task, Trial trial, long seed) {
        return new FewShotRun<>(trainer, evaluator, settings, task, trial).train(seed);
    }

    /** The cells of one sample, one after the other. */
    private final class Grid {

        private final TaskData<E> task;
        private final long seed;
        private Trial chosen;
        private CellResult best;
        private CellResult last;
        private boolean bestIsAtHand;
        private double seconds;
        private int undefined;
        private int diverged;

        Grid(TaskData<E> task, long seed) {
            this.task = task;
            this.seed = seed;
        }

        void visit(Trial trial) {
            Optional<CellResult> found = archive.find(task, trial);
            last = found.orElseGet(() -> train(trial));
            boolean better = last.isBetterThan(best);
            if (found.isEmpty()) {
                archive.keep(task, trial, last, better ? trainer.parameters() : null, FewShotRun.BEST);
            }
            // Only now: a kill in between must not lose the best cell's parameters.
            if (!better) {
                archive.forget(task, trial);
            } else {
                if (chosen != null) {
                    archive.forget(task, chosen);
                }
                choose(trial, found.isEmpty());
            }
            seconds += last.seconds();
            undefined += last.undefined();
            diverged += last.diverged() == null ? 0 : 1;
            listener.accept(last);
        }

        private CellResult train(Trial trial) {
            return tune(task, trial, seed);
        }

        private void choose(Trial trial, boolean atHand) {
            chosen = trial;
            best = last;
            bestIsAtHand = atHand;
            if (atHand) {
                trainer.parameters().copyLane(FewShotRun.BEST, BEST, 0);
            }
        }

        void loadBest() {
            if (best == null) {
                throw new TrainingException("task " + task.info().name() + ", sample " + task.sample() + ": all " + settings.trials().size()
                    + " combinations of learning rate and batch size diverged before dev was looked at; the last one: " + last.diverged());
            }
            if (!bestIsAtHand && !archive.restore(task, chosen, trainer.parameters(), BEST)) {
                retrain();
            }
            trainer.parameters().copyLane(BEST, Parameters.VALUES, 0);
        }

        // The chosen cell lost to one of another grid before, and its parameters were forgotten.
        private void retrain() {
            last = train(chosen);
            if (last.devScore() == null) {
                throw new TrainingException("task " + task.info().name() + ", sample " + task.sample() + ": trained again, the cell diverged: "
                    + last.diverged());
            }
            archive.keep(task, chosen, last, trainer.parameters(), FewShotRun.BEST);
            choose(chosen, true);
        }
    }
}
