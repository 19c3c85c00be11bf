package org.primer4j.experiment.study.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An experiment as its file describes it, defaults filled in.
 *
 * @param name    of the experiment
 * @param model   {@code minilm}, a folder or a hub's model, as {@link org.primer4j.model.io.ModelReference} takes it
 * @param gym     folder of tasks, {@value #DEMO} for the demo's; null where the command line must say it
 * @param tasks   which tasks prime, choose and test
 * @param seed    of all that is random
 * @param text    how texts are read, and answers scored or written
 * @param priming what all recipes are primed with
 * @param recipes rows of the study; tuning without priming stands beside them always
 * @param methods columns of the study
 * @param samples few-shot samples of each test task
 * @param tuning  what all methods are tuned with
 */
public record StudySpec(String name, String model, String gym, TaskSpec tasks, long seed, TextSpec text, PrimingSamples priming,
                        List<RecipeSpec> recipes, List<MethodSpec> methods, List<Integer> samples, TuningSpec tuning) {

    /** The layout of the file. */
    public static final int VERSION = 1;

    /** The name of the demo's tasks, which are generated from the seed. */
    public static final String DEMO = "demo";

    /**
     * Samples that priming reads.
     *
     * @param train of each train task
     * @param dev   of each dev task
     */
    public record PrimingSamples(List<Integer> train, List<Integer> dev) {

        public PrimingSamples {
            train = List.copyOf(train);
            dev = List.copyOf(dev);
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("samples", train);
            map.put("dev-samples", dev);
            return map;
        }
    }

    public StudySpec {
        recipes = List.copyOf(recipes);
        methods = List.copyOf(methods);
        samples = List.copyOf(samples);
    }

    /** The same experiment with another model. */
    public StudySpec withModel(String other) {
        return new StudySpec(name, other, gym, tasks, seed, text, priming, recipes, methods, samples, tuning);
    }

    /** The same experiment on another gym. */
    public StudySpec withGym(String other) {
        return new StudySpec(name, model, other, tasks, seed, text, priming, recipes, methods, samples, tuning);
    }

    /** The same experiment with another seed. */
    public StudySpec withSeed(long other) {
        return new StudySpec(name, model, gym, tasks, other, text, priming, recipes, methods, samples, tuning);
    }

    /** All of it by the file's keys, nothing left to defaults; {@link SpecFile} reads it back to the same experiment. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("version", VERSION);
        map.put("name", name);
        map.put("model", model);
        if (gym != null) {
            map.put("gym", gym);
        }
        map.put("tasks", tasks.toMap());
        map.put("seed", seed);
        map.put("text", text.toMap());
        map.put("priming", priming.toMap());
        map.put("recipes", recipes.stream().map(RecipeSpec::toMap).toList());
        map.put("methods", methods.stream().map(MethodSpec::toMap).toList());
        map.put("tuning", tuning.toMap(samples));
        return map;
    }
}
