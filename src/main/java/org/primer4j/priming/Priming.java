package org.primer4j.priming;

import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.meta.MetaAdaptation;
import org.primer4j.priming.meta.MetaModel;
import org.primer4j.priming.meta.MetaSettings;
import org.primer4j.progress.Progress;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;
import org.primer4j.training.TrainingSettings;

/**
 * Primes a PLM, or start values of a method of parameter-efficient tuning, on many tasks.
 *
 * @param <E> a row as the model reads it
 */
public final class Priming<E extends TaskRow> {

    /** What is tuned on dev tasks where the recipe has no method. */
    private static final PeftMethod DEV_METHOD = Lora.queryValue(8, 16);

    private final Learner<E> learner;
    private final Device device;

    public Priming(Learner<E> learner, Device device) {
        this.learner = learner;
        this.device = device;
    }

    /**
     * Refuses what does not go together, as far as that can be told before tasks are read.
     *
     * @param method as in {@link #run(PretrainedModel, Recipe, PeftMethod, List, List, long, Progress, PrimingListener)}
     * @param trainTasks how many there are
     * @throws org.primer4j.BadInputException with the reason
     */
    public static void require(Recipe recipe, PeftMethod method, int trainTasks) {
        Fit.requireMethod(recipe, method);
        Fit.requireTasksPerStep(recipe, trainTasks);
        if (recipe.validation().isOn()) {
            DevScore.rate(recipe.validation(), devMethod(method));
        }
    }

    /** As {@link #run(PretrainedModel, Recipe, PeftMethod, List, List, long, Progress, PrimingListener)}, without a method, dev tasks and a listener. */
    public Primed run(PretrainedModel model, Recipe recipe, List<TaskData<E>> trainTasks, long seed, Progress progress) {
        return run(model, recipe, null, trainTasks, List.of(), seed, progress, PrimingListener.none());
    }

    /**
     * Primes a copy of a model. The same arguments give the same result; looks at dev tasks choose among the steps and change none of them.
     *
     * @param method whose parameters move, and which is tuned on dev tasks; null for none, where dev tasks are tuned with LoRA
     * @param trainTasks samples with train rows, and dev rows too for a query loss (a task may occur with several samples)
     * @param devTasks samples with train and dev rows to choose the best step by; empty for none
     * @param listener told of each step
     * @throws org.primer4j.BadInputException when method, tasks and recipe do not go together
     * @throws org.primer4j.training.TrainingException when loss or gradient are not finite
     */
    public Primed run(PretrainedModel model, Recipe recipe, PeftMethod method, List<TaskData<E>> trainTasks, List<TaskData<E>> devTasks, long seed,
                      Progress progress, PrimingListener listener) {
        Fit.requireMethod(recipe, method);
        Fit.requireTasks(recipe, trainTasks, devTasks);
        if (method != null) {
            method.requireFits(model.weights().keySet());
            learner.requirePositions(model.config(), method);
        }
        Fit.requireRoom(recipe, learner, method, trainTasks);
        Fit.requireRoom(learner, devMethod(method), devTasks);
        int tasks = (int) trainTasks.stream().map(task -> task.info().name()).distinct().count();
        try (Weights weights = new Weights(device, model.weights()); OuterLoop loop = loop(model, weights, recipe, method, trainTasks, seed)) {
            Theta theta = new Theta(model, method, loop.theta());
            if (!recipe.validation().isOn() || devTasks.isEmpty()) {
                return new PrimingRun(recipe, loop, theta, null, progress, listener).run(tasks);
            }
            try (DevScore<E> dev = new DevScore<>(learner, model, theta, devMethod(method), recipe.validation(), devTasks, seed,
                    progress, device)) {
                return new PrimingRun(recipe, loop, theta, dev, progress, listener).run(tasks);
            }
        }
    }

    private static PeftMethod devMethod(PeftMethod method) {
        return method == null ? DEV_METHOD : method;
    }

    private OuterLoop loop(PretrainedModel model, Weights weights, Recipe recipe, PeftMethod method, List<TaskData<E>> tasks, long seed) {
        return recipe.algorithm().isMeta() ? metaPriming(model, weights, recipe, method, tasks, seed)
            : multiTask(model, weights, recipe, method, tasks, seed);
    }

    private OuterLoop multiTask(PretrainedModel model, Weights weights, Recipe recipe, PeftMethod method, List<TaskData<E>> tasks, long seed) {
        TrainingSettings training = recipe.outer().training();
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Trainer<E> trainer = opened.add(learner.trainer(model, weights, MultiTask.adaptation(recipe, method), training.dropout(), training.optimizer(),
                device));
            trainer.reset(seed);
            OuterLoop loop = new MultiTask<>(trainer, weights, tasks, recipe.outer().batch(), seed);
            opened.succeeded();
            return loop;
        }
    }

    private OuterLoop metaPriming(PretrainedModel model, Weights weights, Recipe recipe, PeftMethod method, List<TaskData<E>> tasks, long seed) {
        MetaAdaptation adaptation = MetaPriming.adaptation(recipe, method, model);
        MetaSettings settings = MetaPriming.settings(recipe);
        // Where a row is longer than half the room, second derivatives take more memory than gradients.
        boolean half = Fit.hasRoom(learner, adaptation, tasks, settings.productRoom());
        try (CloseOnFailure opened = new CloseOnFailure()) {
            MetaModel<E> meta = opened.add(MetaModel.of(learner, model, weights, adaptation, half ? settings : settings.withProductRoom(1), device));
            meta.reset(seed);
            OuterLoop loop = new MetaPriming<>(meta, weights, MetaPriming.algorithm(recipe), new EpisodeSampler<>(tasks, recipe, seed));
            opened.succeeded();
            return loop;
        }
    }
}
