package org.primer4j.experiment.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.primer4j.experiment.study.StudyCost;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyPriming;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.StudySummary;
import org.primer4j.training.CurvePoint;

/** A made-up study, seeded and plausible: recipes differ in effect, tasks in level and in what priming does to them. */
public final class StudySample {

    static final List<String> RECIPES = List.of("mtl-plm", "mtl-peft", "mtl-both", "maml-plm", "maml-plm-peft", "fomaml-plm-peft",
            "reptile-plm", "anil-both-peft");
    static final List<String> METHODS = List.of("lora", "houlsby", "prefix", "bitfit");
    private static final List<String> TYPES = List.of("classification", "multiple choice", "classification", "paraphrase");
    private static final List<String> TASKS = List.of("hotel_review", "stance_on_trams", "claim_truth", "market_phrases", "drug_effects",
            "question_kind", "minimal_pairs-sentential_negation_with_licensor", "insults-age", "insults-origin", "acceptable",
            "follows_from", "same_meaning", "science_quiz", "which_cause");

    private final SplittableRandom random = new SplittableRandom(11);
    private final StudyManifest manifest;
    private final List<StudyRun> runs = new ArrayList<>();
    private final List<StudyCost> costs = new ArrayList<>();
    private final List<StudyPriming> primings = new ArrayList<>();

    private StudySample(StudyManifest manifest) {
        this.manifest = manifest;
    }

    public static StudyManifest manifest(List<String> recipes, List<String> methods, List<String> tasks, List<Integer> samples) {
        return new StudyManifest(StudyManifest.SCHEMA_VERSION, "thesis-small", "0.1.0", "0123abc", 42, "cpu (avx512, 2 threads)", 2,
                "all-MiniLM-L6-v2", "0a".repeat(32), Map.of("topic_of_news", "b1".repeat(32), "spam", "c2".repeat(32)),
                List.of("topic_of_news", "spam"), List.of("tense"), tasks, recipes, methods, samples,
                Map.of("steps", 100, "rates", List.of(3e-3, 1e-3), "objective", "matching"));
    }

    /** The whole study. */
    public static StudySample complete() {
        return of(manifest(RECIPES, METHODS, TASKS, List.of(13, 21, 42)), Integer.MAX_VALUE);
    }

    /** Four recipes, two methods, ten tasks. */
    public static StudySample small() {
        return of(manifest(RECIPES.subList(0, 4), METHODS.subList(0, 2), TASKS.subList(0, 10), List.of(13, 21)), Integer.MAX_VALUE);
    }

    /** The first {@code runs} runs of the study {@code manifest} describes, direct tuning first. */
    public static StudySample of(StudyManifest manifest, int runs) {
        StudySample sample = new StudySample(manifest);
        sample.fill(runs);
        return sample;
    }

    public StudyResults results() {
        return StudyResults.of(manifest, primings, runs);
    }

    public StudyCosts costs() {
        return StudyCosts.of(costs);
    }

    /** The study's page. */
    String page() {
        return StudyReport.render(results(), StudySummary.of(results()), costs());
    }

    void write(Path file) {
        StudyReport.write(file, results(), StudySummary.of(results()), costs());
    }

    private void fill(int limit) {
        double[] level = IntStream.range(0, manifest.testTasks().size()).mapToDouble(task -> task == 9 ? 0.04 : 0.35 + 0.4 * random.nextDouble()).toArray();
        double[] gift = IntStream.range(0, level.length).mapToDouble(task -> 0.16 * random.nextDouble() - 0.03).toArray();
        List<String> recipes = new ArrayList<>(List.of(StudyRun.DIRECT));
        recipes.addAll(manifest.recipes());
        for (int recipe = 0; recipe < recipes.size() && runs.size() < limit; recipe++) {
            double strength = recipe == 0 ? 0 : 1.3 - 0.28 * recipe;
            prime(recipes.get(recipe), recipe);
            for (String method : manifest.methods()) {
                for (int task = 0; task < level.length; task++) {
                    double expected = level[task] + strength * gift[task] + 0.02 * (random.nextDouble() - 0.5);
                    tune(recipes.get(recipe), method, task, expected, limit);
                }
            }
        }
    }

    private void tune(String recipe, String method, int task, double expected, int limit) {
        for (int sample : manifest.samples()) {
            if (runs.size() < limit) {
                double test = Math.min(1, expected + 0.07 * (random.nextDouble() - 0.5));
                String name = manifest.testTasks().get(task);
                runs.add(new StudyRun(recipe, method, name, TYPES.get(task % TYPES.size()), task % 3 == 0 ? "ACC" : "Classification-F1",
                        sample, test + 0.01, test, task == 9 ? 0 : 0.33, task == 9 ? 1 : 0, task % 5 == 2 ? 1 : 0,
                        Map.of("learningRate", 3e-3, "batch", 8, "steps", 100), curve(recipe, test)));
                costs.add(new StudyCost(StudyCost.TUNING, recipe, method, name, sample, 4 + 3 * random.nextDouble(), 212_000_000L, 800));
            }
        }
    }

    private List<CurvePoint> curve(String recipe, double test) {
        double speed = recipe.equals(StudyRun.DIRECT) ? 30 : 14;
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step <= 100; step += 10) {
            double learned = 1 - Math.exp(-step / speed);
            double noise = 0.05 * (random.nextDouble() - 0.5);
            curve.add(new CurvePoint(step, 1.2 - learned * (0.4 + test / 2) + noise, step % 20 == 0 ? 0.3 + (test - 0.3) * learned + noise : null));
        }
        return curve;
    }

    private void prime(String recipe, int position) {
        if (position > 0) {
            String[] names = RECIPES.contains(recipe) ? recipe.split("-") : new String[] {"mtl", "plm"};
            boolean meta = !names[0].equals("mtl") && !names[0].equals("reptile");
            List<CurvePoint> curve = IntStream.rangeClosed(0, 12).mapToObj(i -> new CurvePoint(50 * i, 0.5 + Math.exp(-i / 3.0), 0.4 + 0.01 * i)).toList();
            primings.add(new StudyPriming(recipe, null, names[0], names[1], meta ? "peft" : null, 50, 600, 450, curve,
                    9_600L * position, 311_000L * position));
            costs.add(new StudyCost(StudyCost.PRIMING, recipe, null, null, null, 200.0 * position, 400_000_000L + 90_000_000L * position,
                    9_600L * position));
        }
    }

    /** Writes the report of the whole study, or of its first runs, to be looked at: arguments are the file and the runs. */
    public static void main(String[] arguments) {
        int limit = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Integer.MAX_VALUE;
        StudySample sample = of(complete().manifest, limit);
        sample.write(Path.of(arguments[0]));
    }
}
