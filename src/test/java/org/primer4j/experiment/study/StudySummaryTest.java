package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.experiment.study.StudyRun.DIRECT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.primer4j.experiment.Interval;

class StudySummaryTest {

    private static final Path GOLDEN = Path.of("../shared/golden/metrics/metrics.json");
    private static final List<String> TASKS = List.of("a", "b");
    private static final double[][] BASE = {{0.4, 0.6}, {0.2, 0.2}};
    private static final double[][] MTL = {{0.5, 0.7}, {0.1, 0.2}};
    private static final double[][] MAML = {{0.6, 0.6}, {0.3, 0.5}};

    private static StudyResults results(List<String> methods, StudyRun... more) {
        List<StudyRun> runs = new ArrayList<>(List.of(more));
        runs.addAll(SampleStudy.runs(DIRECT, "lora", TASKS, BASE));
        runs.addAll(SampleStudy.runs("mtl", "lora", TASKS, MTL));
        return StudyResults.of(SampleStudy.manifest(List.of("mtl", "maml"), methods, TASKS, SampleStudy.SAMPLES),
            List.of(SampleStudy.priming("maml", null)), runs);
    }

    @Test
    void isTheMeanOverSamplesThenOverTasks() {
        RecipeResult mtl = StudySummary.of(results(List.of("lora"))).result("mtl", "lora");
        Gain gain = mtl.gain();
        assertEquals(100 * ((0.6 - 0.5) / 0.5 + (0.15 - 0.2) / 0.2) / 2, gain.arg().strict(), 1e-12);
        assertEquals(0.35, gain.direct(), 1e-15);
        assertEquals(0.375, gain.primed(), 1e-15);
        assertEquals(0.025, gain.difference(), 1e-15);
        assertEquals(List.of(1, 1, 2), List.of(gain.better(), gain.worse(), gain.tasks()));
        assertTrue(mtl.complete() && gain.differenceInterval().isDefined());
        assertEquals(List.of(0.5, 0.7), mtl.tasks().get(0).scores());
        assertEquals(List.of(0.4, 0.6), mtl.tasks().get(0).direct());
        assertEquals(gain, mtl.gainByType().get("classification"));
    }

    /** Of two tasks with one value each a resample's mean is one of three, the extremes a quarter each. */
    @Test
    void intervalsOfTwoTasksAreTheirExtremes() {
        double[][] base = {{0.5, 0.5}, {0.5, 0.5}};
        double[][] primed = {{0.6, 0.6}, {0.4, 0.4}};
        List<StudyRun> runs = new ArrayList<>(SampleStudy.runs(DIRECT, "lora", TASKS, base));
        runs.addAll(SampleStudy.runs("mtl", "lora", TASKS, primed));
        Gain gain = StudySummary.of(StudyResults.of(SampleStudy.manifest(List.of("mtl"), List.of("lora"), TASKS, SampleStudy.SAMPLES),
            List.of(), runs)).result("mtl", "lora").gain();
        assertEquals(-0.1, gain.differenceInterval().low(), 1e-12);
        assertEquals(0.1, gain.differenceInterval().high(), 1e-12);
        assertEquals(-20, gain.arg().interval().low(), 1e-9);
        assertEquals(20, gain.arg().interval().high(), 1e-9);
    }

    @Test
    void aTaskCountsOnlyWithAllItsSamples() {
        StudySummary summary = StudySummary.of(results(List.of("lora"), SampleStudy.run("maml", "lora", "a", 13, 0.9),
            SampleStudy.run("maml", "lora", "b", 13, 0.4), SampleStudy.run("maml", "lora", "b", 21, 0.6)));
        RecipeResult maml = summary.result("maml", "lora");
        assertEquals(1, maml.gain().tasks());
        assertEquals(2, maml.planned());
        assertFalse(maml.complete());
        assertEquals(0.5, maml.score(), 1e-15);
        assertEquals(150, maml.gain().arg().strict(), 1e-9);
        assertEquals(Interval.UNDEFINED, maml.gain().arg().interval());
        assertEquals("mtl", summary.bestByArg().orElseThrow().recipe());
        assertEquals(11, summary.runs());
        assertTrue(Double.isNaN(StudySummary.of(results(List.of("lora"))).result("maml", "lora").score()));
    }

    @Test
    void theMeanOverMethodsWaitsForAllMethods() {
        List<String> methods = List.of("lora", "prefix");
        assertEquals(0, StudySummary.of(results(methods)).result("mtl", null).gain().tasks());
        List<StudyRun> prefix = new ArrayList<>(SampleStudy.runs(DIRECT, "prefix", TASKS, BASE));
        prefix.addAll(SampleStudy.runs("mtl", "prefix", TASKS, MAML));
        RecipeResult mean = StudySummary.of(results(methods, prefix.toArray(StudyRun[]::new))).result("mtl", null);
        double lora = ((0.6 - 0.5) / 0.5 + (0.15 - 0.2) / 0.2) / 2;
        double prefixGain = ((0.6 - 0.5) / 0.5 + (0.4 - 0.2) / 0.2) / 2;
        assertEquals(100 * (lora + prefixGain) / 2, mean.gain().arg().strict(), 1e-9);
        assertEquals((0.375 + 0.5) / 2, mean.score(), 1e-12);
        assertEquals(0.55, mean.tasks().get(0).scores().get(0), 1e-12);
    }

    @Test
    void argIsThatOfTheGoldenCases() throws IOException {
        assumeTrue(Files.exists(GOLDEN));
        int compared = 0;
        for (JsonNode golden : new ObjectMapper().readTree(GOLDEN.toFile()).get("arg")) {
            compared += golden.get("before").isEmpty() || !finite(golden) ? 0 : 1;
            if (!golden.get("before").isEmpty() && finite(golden)) {
                assertAgrees(golden);
            }
        }
        assertTrue(compared >= 8, "compared " + compared);
    }

    private static boolean finite(JsonNode golden) {
        return IntStream.range(0, golden.get("before").size())
            .allMatch(i -> golden.get("before").get(i).isNumber() && golden.get("after").get(i).isNumber());
    }

    private static void assertAgrees(JsonNode golden) {
        List<String> tasks = IntStream.range(0, golden.get("before").size()).mapToObj(i -> "task" + i).toList();
        List<StudyRun> runs = new ArrayList<>(SampleStudy.runs(DIRECT, "lora", tasks, column(golden.get("before"))));
        runs.addAll(SampleStudy.runs("mtl", "lora", tasks, column(golden.get("after"))));
        Gain gain = StudySummary.of(StudyResults.of(SampleStudy.manifest(List.of("mtl"), List.of("lora"), tasks, List.of(13)),
            List.of(), runs)).result("mtl", null).gain();
        String name = golden.get("name").asText();
        assertClose(golden.get("arg_strict"), gain.arg().strict(), name);
        assertClose(golden.get("arg_skip_undefined"), gain.arg().skippingUndefined(), name);
        assertEquals(golden.get("tasks_counted").asInt(), gain.arg().counted(), name);
    }

    private static void assertClose(JsonNode expected, double found, String name) {
        double number = expected.isTextual() ? Double.parseDouble(expected.asText()) : expected.asDouble();
        assertEquals(number, found, Double.isFinite(number) ? 1e-12 * Math.max(1, Math.abs(number)) : 0, name);
    }

    private static double[][] column(JsonNode numbers) {
        return IntStream.range(0, numbers.size()).mapToObj(i -> new double[] {numbers.get(i).asDouble()}).toArray(double[][]::new);
    }

    @Test
    void comparesEveryPairOnCommonTasks() {
        StudySummary summary = StudySummary.of(results(List.of("lora"),
            SampleStudy.runs("maml", "lora", TASKS, MAML).toArray(StudyRun[]::new)));
        assertEquals(6, summary.comparisons().size());
        Contrast last = summary.comparisons("lora").get(2);
        assertEquals(Map.of("maml", 1.0, "mtl", -1.0), last.weights());
        assertEquals(0.125, last.score().value(), 1e-12);
        // Gains of maml +20 % and +100 %, of mtl +20 % and -25 %.
        assertEquals(62.5, last.arg().value(), 1e-9);
        assertEquals(List.of(1, 0), List.of(last.better(), last.worse()));
        assertEquals(1, last.score().pValue());
        assertEquals(summary.comparisons("lora").get(1).arg().value(), summary.result("maml", "lora").gain().arg().strict(), 1e-9);
        assertTrue(summary.comparisons().stream().allMatch(pair -> pair.score().adjusted() >= pair.score().pValue()));
    }

    /** Of task b the gain of MAML is 100 %, of task a 20 %. */
    @Test
    void saysWhatTheArgIsWithoutEachTask() {
        StudySummary summary = StudySummary.of(results(List.of("lora"), SampleStudy.runs("maml", "lora", TASKS, MAML).toArray(StudyRun[]::new)));
        for (String method : new String[] {"lora", null}) {
            LeaveOneTaskOut found = summary.result("maml", method).gain().leaveOneOut();
            assertEquals(20, found.range().low(), 1e-9);
            assertEquals(100, found.range().high(), 1e-9);
        }
        assertFalse(StudySummary.of(results(List.of("lora"))).result("maml", "lora").gain().leaveOneOut().range().isDefined());
    }

    @Test
    void namesNegativeBaselines() {
        List<StudyRun> runs = SampleStudy.runs(DIRECT, "lora", TASKS, new double[][] {{-0.2, 0.1}, {0.1, -0.1}});
        StudySummary summary = StudySummary.of(StudyResults.of(SampleStudy.manifest(List.of(), List.of("lora"), TASKS, SampleStudy.SAMPLES),
            List.of(), runs));
        assertEquals(List.of("a"), summary.negativeBaselines("lora").stream().map(TaskResult::task).toList());
        assertEquals(List.of(), StudySummary.of(results(List.of("lora"))).negativeBaselines("lora"));
    }

    @Test
    void theSameResultsAreTheSameSummary() {
        assertEquals(StudySummary.of(results(List.of("lora"))), StudySummary.of(results(List.of("lora"))));
    }

    @Test
    void namesAnUnknownRecipe() {
        StudySummary summary = StudySummary.of(results(List.of("lora")));
        assertThrows(IllegalArgumentException.class, () -> summary.result("none", "lora"));
        assertNull(summary.result(DIRECT, "lora").gain());
    }
}
