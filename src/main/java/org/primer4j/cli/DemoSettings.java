package org.primer4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.PrimingSettings;
import org.primer4j.priming.Recipe;
import org.primer4j.training.ScoringLearner;
import org.primer4j.training.TrainingSettings;
import org.primer4j.training.TuningGrid;
import org.primer4j.training.TuningSettings;

/**
 * The demo's numbers, in one place.
 *
 * @param trainTasks number of tasks to prime on, from the front of the split
 * @param testTasks number of tasks to tune on
 * @param primingSamples samples of each train task
 * @param samples samples of each test task
 * @param learner how texts are scored
 * @param priming how the model is primed
 * @param methods what is tuned, and how
 */
record DemoSettings(int trainTasks, int testTasks, List<Integer> primingSamples, List<Integer> samples, ScoringLearner learner,
                    Recipe priming, Map<PeftMethod, TuningSettings> methods) {

    private static final ScoringLearner LEARNER = new ScoringLearner(
        new ScoringSettings(new LabelMatching(LabelMatching.DEFAULT_SCALE), new TextFormat(true, false), 128), Capacity.ofTokens(2048));
    private static final PeftMethod LORA = Lora.queryValue(8, 16);
    private static final PeftMethod HOULSBY = new BottleneckAdapter(48, BottleneckAdapter.Placement.HOULSBY);

    /** All tasks, a few minutes. */
    static DemoSettings standard() {
        return new DemoSettings(20, 8, List.of(100, 13, 21, 42, 87), List.of(13), LEARNER, priming(300, 16),
            methods(tuning(48, 3e-3), tuning(48, 2e-3)));
    }

    /** A few tasks and steps: shows that everything works, its numbers mean little. */
    static DemoSettings quick() {
        return new DemoSettings(4, 2, List.of(13), List.of(13), LEARNER, priming(30, 8), methods(tuning(8, 1e-3), tuning(8, 1e-3)));
    }

    private static Recipe priming(int steps, int batch) {
        return Recipe.multiTask(new PrimingSettings(new TrainingSettings(steps, 0.06, 0.1, 0.01, 1), batch, 1e-4, false));
    }

    private static TuningSettings tuning(int steps, double rate) {
        return new TuningSettings(new TrainingSettings(steps, 0.1, 0.1, 0.01, 1), new TuningGrid(List.of(rate), List.of(8)), 24);
    }

    private static Map<PeftMethod, TuningSettings> methods(TuningSettings lora, TuningSettings houlsby) {
        Map<PeftMethod, TuningSettings> methods = new LinkedHashMap<>();
        methods.put(LORA, lora);
        methods.put(HOULSBY, houlsby);
        return methods;
    }
}
