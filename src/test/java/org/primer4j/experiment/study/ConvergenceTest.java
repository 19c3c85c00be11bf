package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.primer4j.training.CurvePoint;

class ConvergenceTest {

    private static final List<CurvePoint> FAST = List.of(new CurvePoint(10, 1, 0.5), new CurvePoint(15, 1, null),
        new CurvePoint(20, 1, 0.9), new CurvePoint(30, 1, 1.0), new CurvePoint(40, 1, 0.2));
    private static final List<CurvePoint> SLOW = List.of(new CurvePoint(10, 1, 0.1), new CurvePoint(40, 1, 0.5));
    private static final List<CurvePoint> NOTHING = List.of(new CurvePoint(10, 1, -0.1), new CurvePoint(20, 1, 0.0));

    @Test
    void firstStepReachesNineTenthsOfTheBest() {
        assertEquals(OptionalInt.of(20), Convergence.firstStep(FAST));
        assertEquals(OptionalInt.of(40), Convergence.firstStep(SLOW));
        assertTrue(Convergence.firstStep(NOTHING).isEmpty() && Convergence.firstStep(List.of()).isEmpty());
    }

    @Test
    void pairsRunsOfTheSameTaskAndSample() {
        StudyResults results = StudyResults.of(
            SampleStudy.manifest(List.of("mtl"), List.of("lora"), List.of("a", "b", "c"), SampleStudy.SAMPLES), List.of(),
            List.of(run("direct", "a", 13, SLOW), run("mtl", "a", 13, FAST), run("direct", "a", 21, SLOW), run("mtl", "a", 21, SLOW),
                run("direct", "b", 13, FAST), run("mtl", "b", 13, NOTHING), run("mtl", "c", 13, FAST)));
        assertEquals(new Convergence("mtl", "lora", 2, 30, 40, 1, 0), Convergence.of(results, "mtl", "lora"));
    }

    private static StudyRun run(String recipe, String task, int sample, List<CurvePoint> curve) {
        return new StudyRun(recipe, "lora", task, "classification", "ACC", sample, 0.5, 0.5, 0.5, 0, 0, Map.of(), curve);
    }

    @Test
    void costsAddUpByPhaseAndRecipe() {
        List<CostTotal> totals = CostTotal.of(StudyCosts.of(List.of(
            new StudyCost(StudyCost.TUNING, "mtl", "lora", "a", 13, 1.5, 100, 10),
            new StudyCost(StudyCost.TUNING, "mtl", "prefix", "a", 13, 2, 300, 20),
            new StudyCost(StudyCost.PRIMING, "mtl", null, null, null, 60, 50, 6400))));
        assertEquals(List.of(new CostTotal(StudyCost.PRIMING, "mtl", 1, 60, 50, 6400),
            new CostTotal(StudyCost.TUNING, "mtl", 2, 3.5, 300, 30)), totals);
    }
}
