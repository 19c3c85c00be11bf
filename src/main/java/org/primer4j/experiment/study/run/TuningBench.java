package org.primer4j.experiment.study.run;

import java.util.List;
import java.util.Locale;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.CellArchive;
import org.primer4j.training.CellResult;
import org.primer4j.training.CurvePoint;
import org.primer4j.training.Evaluator;
import org.primer4j.training.FewShotTuning;
import org.primer4j.training.Learner;
import org.primer4j.training.LossCurve;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Tunes one method from one start on any number of samples: its programs are compiled once.
 *
 * @param <E> a row as the model reads it
 */
final class TuningBench<E extends TaskRow> implements AutoCloseable {

    private static final int MOST_POINTS = 50;

    private final MethodSpec method;
    private final Weights weights;
    private final Trainer<E> trainer;
    private final Evaluator<E> evaluator;

    TuningBench(PrimedStart start, Weights weights, MethodSpec method, Learner<E> learner, Device device) {
        this.method = method;
        this.weights = weights;
        Adaptation adaptation = start.adaptation(method.method());
        try (CloseOnFailure opened = new CloseOnFailure()) {
            trainer = opened.add(learner.trainer(start.model(), weights, adaptation, method.tuning().training().dropout(),
                    method.tuning().training().optimizer(), device));
            evaluator = learner.evaluator(start.model(), weights, adaptation, trainer.parameters(), device);
            opened.succeeded();
        }
    }

    /** Tunes on one sample. */
    TuningOutcome run(TaskData<E> task, long seed, CellArchive archive) {
        Examples examples = new Examples(method.tuning().trials());
        FewShotTuning<E> tuning = new FewShotTuning<>(trainer, evaluator, method.tuning(), archive, examples::add);
        FewShotTuning.Outcome outcome = tuning.run(task, seed);
        return new TuningOutcome(task.info().type().name().toLowerCase(Locale.ROOT), task.info().metricName(), outcome.trial().rate(),
                outcome.trial().batch(), outcome.devScore(), outcome.testScore(), task.chance(), outcome.undefined(), outcome.diverged(), thinned(outcome.curve()),
                examples.count, outcome.seconds(), trainer.bytes() + evaluator.bytes() + weights.bytes());
    }

    // A study has thousands of runs, of up to a thousand steps.
    private List<CurvePoint> thinned(List<CurvePoint> curve) {
        LossCurve thin = new LossCurve(method.tuning().training().steps(), MOST_POINTS);
        curve.forEach(point -> thin.add(point.step(), point.loss(), point.dev()));
        return thin.points();
    }

    /** Counts rows: the grid's runs come in its order. */
    private static final class Examples {

        private final List<Trial> trials;
        private int runs;
        private long count;

        Examples(List<Trial> trials) {
            this.trials = trials;
        }

        void add(CellResult run) {
            count += (long) run.curve().size() * trials.get(runs++).batch();
        }
    }

    @Override
    public void close() {
        evaluator.close();
        trainer.close();
    }
}
