package org.primer4j.experiment.study.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.primer4j.BadInputException;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.experiment.study.spec.RecipeSpec;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.gym.Gym;
import org.primer4j.model.io.ModelHash;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.priming.Priming;
import org.primer4j.training.Learner;
import org.primer4j.training.TextChoice;

/**
 * A study's model, tasks and settings, found to go together.
 *
 * @param spec        what is asked for
 * @param model       the unprimed model
 * @param modelSha256 its hash
 * @param learner     how it learns and answers
 * @param device      where
 * @param gym         the tasks' rows
 * @param tasks       the tasks
 */
public record StudySetup(StudySpec spec, PretrainedModel model, String modelSha256, Learner<?> learner, Device device, Gym gym, StudyTasks tasks) {

    /**
     * Checks everything that can be checked before any work.
     *
     * @param folder the gym's
     * @throws BadInputException if model, methods, texts, tasks and samples do not go together
     */
    public static StudySetup of(StudySpec spec, PretrainedModel model, Device device, Path folder) {
        Learner<?> learner = spec.text().learner(model.config());
        for (MethodSpec method : spec.methods()) {
            method.method().requireFits(model.weights().keySet());
            learner.requirePositions(model.config(), method.method());
        }
        Gym gym = Gym.open(folder);
        StudyTasks tasks = StudyTasks.of(spec.tasks(), folder, gym, model.config() instanceof Seq2SeqConfig);
        StudySetup setup = new StudySetup(spec, model, ModelHash.of(model), learner, device, gym, tasks);
        setup.requireSamples();
        setup.requireRecipes();
        return setup;
    }

    private void requireSamples() {
        requireSamples("priming.samples", tasks.train(), spec.priming().train());
        requireSamples("priming.dev-samples", tasks.dev(), spec.priming().dev());
        requireSamples("tuning.samples", tasks.test(), spec.samples());
    }

    private void requireSamples(String key, List<String> names, List<Integer> samples) {
        for (String task : names) {
            List<Integer> missing = new ArrayList<>(samples);
            missing.removeAll(gym.seeds(task));
            if (!missing.isEmpty()) {
                throw new BadInputException(key + ": task " + task + " has no sample " + missing + "; it has " + gym.seeds(task) + ".");
            }
        }
    }

    private void requireRecipes() {
        for (RecipeSpec recipe : spec.recipes()) {
            if (tasks.train().isEmpty()) {
                throw new BadInputException("The recipe " + recipe.name() + " has no task to prime on; expected train tasks.");
            }
            if (recipe.recipe().validation().isOn() && tasks.dev().isEmpty()) {
                throw new BadInputException("The recipe " + recipe.name() + " looks at dev tasks every " + recipe.recipe().validation().every()
                        + " steps, but there are none; expected dev tasks, or validate-every 0.");
            }
            requireFits(recipe);
        }
    }

    private void requireFits(RecipeSpec recipe) {
        try {
            if (!recipe.recipe().involvesPeft()) {
                Priming.require(recipe.recipe(), null, tasks.train().size());
                return;
            }
            spec.methods().forEach(method -> Priming.require(recipe.recipe(), method.method(), tasks.train().size()));
        } catch (BadInputException e) {
            throw new BadInputException("The recipe " + recipe.name() + ": " + e.getMessage(), e);
        }
    }

    /** What the study consists of. */
    StudyManifest manifest(StudyData<?> data) {
        Map<String, String> hashes = new TreeMap<>();
        tasks.train().forEach(task -> hashes.put(task, data.hash(task, spec.priming().train())));
        tasks.dev().forEach(task -> hashes.put(task, data.hash(task, spec.priming().dev())));
        tasks.test().forEach(task -> hashes.put(task, data.hash(task, spec.samples())));
        return new StudyManifest(StudyManifest.SCHEMA_VERSION, spec.name(), Version.number(), Version.commit(), spec.seed(), device.toString(),
                device.threads(), spec.model(), modelSha256, hashes, tasks.train(), tasks.dev(), tasks.test(),
                spec.recipes().stream().map(RecipeSpec::name).toList(), spec.methods().stream().map(MethodSpec::name).toList(), spec.samples(), settings());
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(spec.toMap());
        // The manifest has these in fields of their own, and the gym's rows by their hashes.
        settings.keySet().removeAll(List.of("version", "name", "model", "gym", "tasks", "seed"));
        settings.put("scoring", learner.settings().toMap());
        settings.put("beams", TextChoice.beams(learner));
        return settings;
    }
}
