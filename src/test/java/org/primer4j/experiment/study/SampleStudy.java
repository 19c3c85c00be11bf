package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.primer4j.training.CurvePoint;

/** Small made-up studies for tests. */
public final class SampleStudy {

    public static final List<Integer> SAMPLES = List.of(13, 21);

    private SampleStudy() {
    }

    public static StudyManifest manifest(List<String> recipes, List<String> methods, List<String> tasks, List<Integer> samples) {
        return new StudyManifest(StudyManifest.SCHEMA_VERSION, "sample", "0.1.0", "0123abc", 7, "cpu (avx2)", 2, "minilm",
            "a".repeat(64), Map.of("train_1", "b".repeat(64)), List.of("train_1"), List.of("dev_1"), tasks, recipes, methods,
            samples, Map.of("steps", 100));
    }

    public static StudyRun run(String recipe, String method, String task, int sample, double test) {
        return new StudyRun(recipe, method, task, task.startsWith("choose") ? "choice" : "classification", "ACC", sample, test, test, 0.5, 0, 0,
            Map.of("learningRate", 1e-3), List.of(new CurvePoint(0, 1, 0.3), new CurvePoint(10, 0.5, test)));
    }

    /** The runs of one recipe and method: a row of {@code scores} a task, a column a sample. */
    public static List<StudyRun> runs(String recipe, String method, List<String> tasks, double[][] scores) {
        List<StudyRun> runs = new ArrayList<>();
        for (int task = 0; task < scores.length; task++) {
            for (int sample = 0; sample < scores[task].length; sample++) {
                runs.add(run(recipe, method, tasks.get(task), SAMPLES.get(sample), scores[task][sample]));
            }
        }
        return runs;
    }

    /** A made-up study of the usual size: 8 recipes and direct tuning, 2 methods, 12 tasks of 2 types, 2 samples. */
    public static StudyResults plausible() {
        List<String> algorithms = List.of("mtl", "maml", "fomaml", "reptile");
        List<String> methods = List.of("lora", "prefix+parallel");
        List<String> tasks = IntStream.range(0, 12).mapToObj(i -> (i < 8 ? "classify_" : "choose_") + i).toList();
        List<String> recipes = algorithms.stream().flatMap(name -> Stream.of(name + "-plm", name + "-both")).toList();
        List<StudyRun> runs = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(17);
        Stream.concat(Stream.of(StudyRun.DIRECT), recipes.stream()).forEach(recipe -> methods.forEach(method -> tasks.forEach(task ->
            SAMPLES.forEach(sample -> runs.add(run(recipe, method, task, sample, 0.3 + 0.04 * tasks.indexOf(task)
                + 0.01 * recipes.indexOf(recipe) + 0.06 * random.nextDouble()))))));
        List<StudyPriming> primings = recipes.stream().map(recipe -> {
            String[] parts = recipe.split("-");
            return new StudyPriming(recipe, null, parts[0], parts[1], null, 50, 1000, 800, List.of(new CurvePoint(100, 0.9, 0.4),
                new CurvePoint(800, 0.5, 0.6)), 64_000, 900_000);
        }).toList();
        return StudyResults.of(manifest(recipes, methods, tasks, SAMPLES), primings, runs);
    }

    public static StudyPriming priming(String recipe, String method) {
        return new StudyPriming(recipe, method, "maml", "plm", "peft", 1, 100, 60, List.of(new CurvePoint(50, 0.7, 0.5)), 6400, 90_000);
    }
}
