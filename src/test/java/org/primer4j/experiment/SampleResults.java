package org.primer4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.primer4j.priming.PrimingResult;
import org.primer4j.training.CurvePoint;

/** Made-up results of any size for tests: seeded, plausible, with lora and houlsby from both starts. */
public final class SampleResults {

    private static final List<String> NAMES = List.of("sentiment", "topic", "question_type", "grammar", "entailment",
            "paraphrase", "intent", "spam", "formality", "tense");
    private static final List<String> METHODS = List.of("lora", "houlsby");

    private SampleResults() {
    }

    /** {@code tasks} tasks x 2 methods x 2 starts x {@code samples} samples. */
    public static Results of(int tasks, int samples) {
        List<RunResult> runs = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(17);
        for (int task = 0; task < tasks; task++) {
            String name = NAMES.get(task % NAMES.size()) + (task < NAMES.size() ? "" : "_" + task / NAMES.size());
            double base = 0.4 + 0.35 * random.nextDouble();
            double effect = 0.25 * random.nextDouble() - 0.06;
            for (String method : METHODS) {
                for (int sample = 0; sample < samples; sample++) {
                    runs.add(run(name, method, RunResult.UNPRIMED, sample, base + noise(random)));
                    runs.add(run(name, method, RunResult.PRIMED, sample, base + effect + noise(random)));
                }
            }
        }
        return results(runs);
    }

    public static Results results(List<RunResult> runs) {
        return new Results(Results.SCHEMA_VERSION, "primer demo --seed 7", "0.1.0", "0123abc", 7, "cpu (avx2)", 2,
                "all-MiniLM-L6-v2", Map.of("shots", 16, "rate", 3e-4, "methods", METHODS), priming(), runs, 312.5);
    }

    public static RunResult run(String task, String method, String start, int sample, double test) {
        return run(task, method, start, sample, test, test);
    }

    public static RunResult run(String task, String method, String start, int sample, double dev, double test) {
        return new RunResult(task, "classification", "ACC", method, "matching", start, sample, dev, test, 0.33, 0, 0,
                Map.of("learningRate", 1e-3, "steps", 48, "batch", 8), curve(test), 1.25);
    }

    private static double noise(SplittableRandom random) {
        return 0.06 * (random.nextDouble() - 0.5);
    }

    private static List<CurvePoint> curve(double test) {
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step <= 48; step += 8) {
            double learned = 1 - Math.exp(-step / 15.0);
            curve.add(new CurvePoint(step, 1.1 - test * learned, step % 16 == 0 ? 0.33 + (test - 0.33) * learned : null));
        }
        return curve;
    }

    private static PrimingResult priming() {
        SplittableRandom random = new SplittableRandom(3);
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step <= 400; step += 5) {
            curve.add(new CurvePoint(step, 0.4 + Math.exp(-step / 90.0) + 0.12 * random.nextDouble(), null));
        }
        return new PrimingResult(16, 400, curve, 141.0, 6_400, 203_112);
    }
}
