package org.primer4j.priming;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.gym.Names;
import org.primer4j.training.TrainingSettings;

/** Recipes as settings by name, for results, YAML and the command line. */
final class RecipeMap {

    static final String ALGORITHM = "algorithm";
    static final String TUNE = "tune";
    static final String INNER = "inner";

    private static final Set<String> HOW_TO_VALIDATE = Set.of("patience", "validation_steps", "validation_rate", "validation_batch");

    private RecipeMap() {}

    /** What bears on the run: nothing on how dev tasks are looked at where they are not. */
    static Map<String, Object> of(Recipe recipe) {
        Map<String, Object> map = all(recipe);
        if (!recipe.validation().isOn()) {
            map.keySet().removeAll(HOW_TO_VALIDATE);
        }
        return map;
    }

    static Set<String> names(Recipe recipe) {
        return all(recipe).keySet();
    }

    // Every setting that the algorithm has.
    private static Map<String, Object> all(Recipe recipe) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(ALGORITHM, recipe.algorithm().text());
        map.put(TUNE, recipe.tune().text());
        if (recipe.inner() != null) {
            map.put(INNER, recipe.inner().text());
        }
        outer(map, recipe.algorithm(), recipe.outer());
        if (recipe.loop() != null) {
            inner(map, recipe.algorithm(), recipe.loop());
        }
        validation(map, recipe.validation());
        return map;
    }

    private static void outer(Map<String, Object> map, Algorithm algorithm, PrimingSettings outer) {
        map.put("steps", outer.training().steps());
        map.put(algorithm.isMeta() ? "tasks_per_step" : "batch", outer.batch());
        map.put("learning_rate", outer.rate());
        map.put("warmup", outer.training().warmup());
        if (!algorithm.isMeta()) {
            map.put("dropout", outer.training().dropout());
        }
        if (algorithm.hasOuterGradient()) {
            map.put("weight_decay", outer.training().decay());
            map.put("clip", outer.training().clip());
        }
        map.put("embeddings", outer.embeddings());
    }

    private static void inner(Map<String, Object> map, Algorithm algorithm, InnerLoop loop) {
        map.put("inner_steps", loop.steps());
        map.put("inner_rate", loop.rate());
        map.put("inner_batch", loop.batch());
        if (algorithm.isSecondOrder()) {
            map.put("multi_step_loss", loop.multiStepLoss());
            map.put("learn_inner_rates", loop.learnRates());
        }
    }

    private static void validation(Map<String, Object> map, Validation validation) {
        map.put("validate_every", validation.every());
        map.put("patience", validation.patience());
        map.put("validation_steps", validation.steps());
        map.put("validation_rate", validation.rate());
        map.put("validation_batch", validation.batch());
    }

    static Recipe read(Map<String, ?> settings) {
        SettingsReader given = new SettingsReader(settings);
        Algorithm algorithm = Algorithm.of(given.text(ALGORITHM));
        Tunables tune = Tunables.of(given.text(TUNE));
        Tunables inner = settings.get(INNER) == null ? null : Tunables.of(given.text(INNER));
        Map<String, Object> changes = new LinkedHashMap<>(settings);
        changes.keySet().removeAll(Set.of(ALGORITHM, TUNE, INNER));
        return with(Recipe.crossFit(algorithm, tune, inner), changes);
    }

    static Recipe with(Recipe recipe, Map<String, ?> changes) {
        Map<String, Object> merged = all(recipe);
        changes.forEach((name, value) -> {
            requireKnown(recipe.algorithm(), merged, name);
            merged.put(name, value);
        });
        SettingsReader values = new SettingsReader(merged);
        Validation validation = validation(values);
        requireLooks(validation, changes.keySet());
        return new Recipe(recipe.algorithm(), recipe.tune(), recipe.inner(), outer(recipe, values), inner(recipe, values), validation);
    }

    // Patience has a complaint of its own.
    private static void requireLooks(Validation validation, Set<String> changes) {
        for (String name : List.of("validation_steps", "validation_rate", "validation_batch")) {
            if (!validation.isOn() && changes.contains(name)) {
                throw new IllegalArgumentException(name + " is given, but dev tasks are never looked at; expected validate_every above 0");
            }
        }
    }

    private static void requireKnown(Algorithm algorithm, Map<String, Object> known, String name) {
        if (Set.of(ALGORITHM, TUNE, INNER).contains(name)) {
            throw new IllegalArgumentException(name + " is what a recipe begins with and cannot be changed");
        }
        if (!known.containsKey(name)) {
            throw new IllegalArgumentException(algorithm.text() + " has no setting '" + name + "'; the nearest that it has are "
                + String.join(", ", Names.nearest(name, known.keySet())));
        }
    }

    private static PrimingSettings outer(Recipe recipe, SettingsReader values) {
        TrainingSettings old = recipe.outer().training();
        boolean gradient = recipe.algorithm().hasOuterGradient();
        TrainingSettings training = new TrainingSettings(values.integer("steps"), values.number("warmup"),
            recipe.algorithm().isMeta() ? old.dropout() : values.number("dropout"), gradient ? values.number("weight_decay") : old.decay(),
            gradient ? values.number("clip") : old.clip());
        return new PrimingSettings(training, values.integer(recipe.algorithm().isMeta() ? "tasks_per_step" : "batch"), values.number("learning_rate"),
            values.flag("embeddings"));
    }

    private static InnerLoop inner(Recipe recipe, SettingsReader values) {
        if (recipe.loop() == null) {
            return null;
        }
        boolean second = recipe.algorithm().isSecondOrder();
        return new InnerLoop(values.integer("inner_steps"), values.number("inner_rate"), values.integer("inner_batch"),
            second && values.flag("multi_step_loss"), second && values.flag("learn_inner_rates"));
    }

    private static Validation validation(SettingsReader values) {
        return new Validation(values.integer("validate_every"), values.integer("patience"), values.integer("validation_steps"),
            values.numberOrNull("validation_rate"), values.integer("validation_batch"));
    }
}
