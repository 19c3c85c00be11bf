package org.primer4j.priming;

import java.util.List;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;

/**
 * Primes a PLM, or start values of a method of parameter-efficient tuning, on many tasks.
 *
 * @param <E> a row as the model reads it
 */
public final class Priming<E extends TaskRow> {

    private final Learner<E> learner;
    private final Device device;

    public Priming(Learner<E> learner, Device device) {
        this.learner = learner;
        this.device = device;
    }

    /**
     * Primes a copy of a model. The same arguments give the same result, whether dev tasks are looked at or not, as far as parameters of
     * the same step are concerned.
     *
     * @param method whose parameters move; null where none do ({@link Recipe#involvesPeft})
     * @param trainTasks samples with train rows, and in meta-learning dev rows too (a task may occur with several samples)
     * @param devTasks samples with train and dev rows to choose the best step by; empty for none
     * @param listener told of each step
     * @throws org.primer4j.BadInputException when method, tasks and recipe do not go together
     * @throws org.primer4j.training.TrainingException when loss or gradient are not finite
     */
    public Primed run(PretrainedModel model, Recipe recipe, PeftMethod method, List<TaskData<E>> trainTasks, List<TaskData<E>> devTasks, long seed,
                      Progress progress, PrimingListener listener) {
        throw new UnsupportedOperationException("not yet");
    }
}
