package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FindingsTest {

    private static final List<String> TASKS = IntStream.range(0, 8).mapToObj(i -> "t" + i).toList();

    private static StudyPriming priming(String recipe, String algorithm, String tune) {
        return new StudyPriming(recipe, null, algorithm, tune, null, 1, 10, 10, List.of(), 0, 0);
    }

    /** Each recipe has the same score on all tasks but for a little that differs from task to task. */
    private static List<Finding> findings(Map<String, Double> scores, StudyPriming... primings) {
        List<StudyRun> runs = new ArrayList<>();
        scores.forEach((recipe, score) -> {
            for (int task = 0; task < TASKS.size(); task++) {
                runs.add(SampleStudy.run(recipe, "lora", TASKS.get(task), 13, score + 0.001 * (task % 3)));
            }
        });
        List<String> recipes = scores.keySet().stream().filter(recipe -> !recipe.equals(StudyRun.DIRECT)).toList();
        return StudySummary.of(StudyResults.of(SampleStudy.manifest(recipes, List.of("lora"), TASKS, List.of(13)),
            List.of(primings), runs)).findings();
    }

    @Test
    void comparesWithinStrata() {
        List<Finding> findings = findings(new TreeMap<>(Map.of("direct", 0.5, "mtl-plm", 0.7, "mtl-peft", 0.6, "maml-plm", 0.6,
            "fomaml-plm", 0.5, "mtl-both", 0.9)), priming("mtl-plm", "mtl", "plm"), priming("mtl-peft", "mtl", "peft"),
            priming("maml-plm", "maml", "plm"), priming("fomaml-plm", "fomaml", "plm"), priming("mtl-both", "mtl", "both"));
        Finding tunable = findings.get(0);
        assertEquals(0.1, tunable.parts().get("plm minus peft").score().value(), 1e-12);
        assertEquals(-0.2, tunable.parts().get("plm minus both").score().value(), 1e-12);
        assertEquals(Verdict.CONTRADICTED, tunable.byScore());
        // maml and fomaml have no counterpart among the tunables, and are averaged against MTL on the PLM.
        Contrast algorithm = findings.get(1).parts().get("mtl minus meta-learning");
        assertEquals(Map.of("mtl-plm", 1.0, "maml-plm", -0.5, "fomaml-plm", -0.5), algorithm.weights());
        assertEquals(0.15, algorithm.score().value(), 1e-12);
        assertEquals(Verdict.SUPPORTED, findings.get(1).byScore());
        assertEquals(Verdict.SUPPORTED, findings.get(1).byArg());
        assertEquals(2.0 / 256, algorithm.score().pValue(), 1e-12);
    }

    @Test
    void isUndecidedWithoutRecipesToTell() {
        List<Finding> findings = findings(new TreeMap<>(Map.of("direct", 0.5, "mtl-plm", 0.7, "mtl-peft", 0.6)),
            priming("mtl-plm", "mtl", "plm"), priming("mtl-peft", "mtl", "peft"));
        assertEquals(List.of("plm minus both"), findings.get(0).untested());
        assertEquals(Verdict.UNDECIDED, findings.get(0).byScore());
        assertTrue(findings.get(1).parts().isEmpty());
        assertEquals(Verdict.UNDECIDED, findings.get(1).byArg());
    }

    @Test
    void isUndecidedWhereTheIntervalHasZeroInIt() {
        List<Finding> findings = findings(new TreeMap<>(Map.of("direct", 0.5, "mtl", 0.6, "maml", 0.6)),
            priming("mtl", "mtl", "plm"), priming("maml", "maml", "plm"));
        assertEquals(Verdict.UNDECIDED, findings.get(1).byScore());
    }
}
