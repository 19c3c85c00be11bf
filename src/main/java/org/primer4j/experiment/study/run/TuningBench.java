package org.primer4j.experiment.study.run;

import java.util.List;
import java.util.Locale;
import org.primer4j.engine.Device;
import org.primer4j.experiment.CellResult;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.CellArchive;
import org.primer4j.training.Evaluator;
import org.primer4j.training.FewShotTuning;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Tunes one method from one start on any number of samples: its programs are compiled once.
 *
 * @param <E> a row as the model reads it
 */
final class TuningBench<E extends TaskRow> implements AutoCloseable {

    private final MethodSpec method;
    private final Weights weights;
    private final Trainer<E> trainer;
    private final Evaluator<E> evaluator;

    TuningBench(PrimedStart start, Weights weights, MethodSpec method, Learner<E> learner, Device device) {
        this.method = method;
        this.weights = weights;
        Adaptation adaptation = start.adaptation(method.method());
        trainer = learner.trainer(start.model(), weights, adaptation, method.tuning().training().dropout(), method.tuning().training().optimizer(), device);
        try {
            evaluator = learner.evaluator(start.model(), weights, adaptation, trainer.parameters(), device);
        } catch (RuntimeException e) {
            trainer.close();
            throw e;
        }
    }

    /** Tunes on one sample. */
    TuningOutcome run(TaskData<E> task, long seed, CellArchive archive) {
        Examples examples = new Examples(method.tuning().trials());
        FewShotTuning<E> tuning = new FewShotTuning<>(trainer, evaluator, method.tuning(), archive, examples::add);
        FewShotTuning.Outcome outcome = tuning.run(task, seed);
        return new TuningOutcome(task.info().type().name().toLowerCase(Locale.ROOT), task.info().metricName(), outcome.trial().rate(),
                outcome.trial().batch(), outcome.devScore(), outcome.testScore(), task.chance(), outcome.undefined(), outcome.diverged(), outcome.curve(),
                examples.count, outcome.seconds(), trainer.bytes() + evaluator.bytes() + weights.bytes());
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
