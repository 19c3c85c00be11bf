package org.primer4j.priming;

import java.nio.file.Path;
import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.gym.Gym;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.Objective;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.PeftMethod;
import org.primer4j.progress.Progress;
import org.primer4j.training.ScoringLearner;
import org.primer4j.training.TaskData;
import org.primer4j.training.TrainingSettings;

/** A tiny encoder and the tiny gym's tasks, read. */
record TinyTasks(PretrainedModel model, ScoringLearner learner, List<TaskData<EncodedExample>> train, List<TaskData<EncodedExample>> dev) {

    static final Device DEVICE = Device.cpu(1);

    static TinyTasks read(Path folder) {
        return read(folder, new LabelMatching(20));
    }

    static TinyTasks read(Path folder, Objective objective) {
        PretrainedModel model = TinyModel.of(1);
        Gym gym = Gym.open(TinyGym.write(folder));
        ScoringLearner learner = new ScoringLearner(new ScoringSettings(objective, new TextFormat(true, false), 32), Capacity.ofTokens(256));
        return new TinyTasks(model, learner, learner.readTrainAndDevRows(model, gym, TinyGym.TRAIN, TinyGym.SAMPLES),
            learner.readTrainAndDevRows(model, gym, List.of("mood"), TinyGym.SAMPLES));
    }

    /** The same with other room for a part of a batch. */
    TinyTasks withRoom(int tokens) {
        return new TinyTasks(model, new ScoringLearner(learner.settings(), Capacity.ofTokens(tokens)), train, dev);
    }

    /** A few steps of multi-task learning. */
    static Recipe multiTask(Tunables tune, int steps, Validation validation) {
        return new Recipe(Algorithm.MTL, tune, null, new PrimingSettings(new TrainingSettings(steps, 0, 0.1, 0.01, 1), 4, 3e-3, false), null, validation);
    }

    Primed prime(Recipe recipe, PeftMethod method, PrimingListener listener) {
        return new Priming<>(learner, DEVICE).run(model, recipe, method, train, recipe.validation().isOn() ? dev : List.of(), 7, Progress.silent(), listener);
    }

    Primed prime(Recipe recipe, PeftMethod method) {
        return prime(recipe, method, PrimingListener.none());
    }
}
