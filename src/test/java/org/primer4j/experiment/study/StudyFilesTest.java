package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

class StudyFilesTest {

    private static final List<String> TASKS = List.of("zebra", "ant");

    @TempDir
    private Path folder;

    @Test
    void readsWhatItWrote() {
        Path file = folder.resolve("results.json");
        StudyResults results = results();
        StudyFiles.RESULTS.write(file, results);
        assertEquals(results, StudyFiles.RESULTS.read(file));
        StudyFiles.MANIFEST.write(file, results.manifest());
        assertEquals(results.manifest(), StudyFiles.MANIFEST.read(file));
        StudyCosts costs = costs();
        StudyFiles.COSTS.write(file, costs);
        assertEquals(costs, StudyFiles.COSTS.read(file));
    }

    @Test
    void theSameResultsAreTheSameBytesInAnyOrder() throws IOException {
        StudyResults results = results();
        List<StudyRun> runs = new ArrayList<>(results.runs());
        List<StudyPriming> primings = new ArrayList<>(results.primings());
        Collections.shuffle(runs, new Random(5));
        Collections.reverse(primings);
        assertArrayEquals(StudyFiles.RESULTS.toJson(results).getBytes(),
            StudyFiles.RESULTS.toJson(StudyResults.of(results.manifest(), primings, runs)).getBytes());
        assertEquals(List.of("zebra", "zebra", "ant", "ant"), results.runs().stream().limit(4).map(StudyRun::task).toList());
        assertEquals(StudyRun.DIRECT, results.runs().get(0).recipe());
    }

    @Test
    void aStudyInProgressHasFewerRunsThanPlanned() {
        StudyResults results = results();
        assertEquals(12, results.manifest().plannedRuns());
        assertFalse(results.complete());
        assertTrue(StudyResults.of(results.manifest(), List.of(), List.of()).runs().isEmpty());
    }

    @Test
    void refusesRepeatedRuns() {
        StudyRun run = SampleStudy.run("mtl", "lora", "ant", 13, 0.5);
        refused("twice", () -> StudyResults.of(results().manifest(), List.of(), List.of(run, run)));
        StudyPriming priming = SampleStudy.priming("mtl", null);
        refused("twice", () -> StudyResults.of(results().manifest(), List.of(priming, priming), List.of()));
    }

    @ParameterizedTest
    @CsvSource({"other,lora,ant,13,other", "mtl,other,ant,13,other", "mtl,lora,other,13,other", "mtl,lora,ant,14,14"})
    void refusesNamesThatAreNotInTheManifest(String recipe, String method, String task, int sample, String named) {
        refused('"' + named + "\" is not in the manifest", () -> StudyResults.of(results().manifest(), List.of(),
            List.of(SampleStudy.run(recipe, method, task, sample, 0.5))));
    }

    @Test
    void refusesLeaksAndRepeatedNames() {
        refused("primed on too", () -> SampleStudy.manifest(List.of("mtl"), List.of("lora"), List.of("train_1"), List.of(13)));
        refused("primed on too", () -> SampleStudy.manifest(List.of("mtl"), List.of("lora"), List.of("dev_1"), List.of(13)));
        refused("twice", () -> SampleStudy.manifest(List.of("mtl", "mtl"), List.of("lora"), TASKS, List.of(13)));
        refused("twice", () -> SampleStudy.manifest(List.of("mtl"), List.of("lora"), TASKS, List.of(13, 13)));
        refused("always there", () -> SampleStudy.manifest(List.of("direct"), List.of("lora"), TASKS, List.of(13)));
    }

    @Test
    void refusesATuningCostWithoutATask() {
        refused("task is missing", () -> new StudyCost(StudyCost.TUNING, "mtl", "lora", null, 13, 1, 1, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "1", "{}", "\u0000", "{\"schemaVersion\":1}", "{\"schemaVersion\":2}",
        "{\"schemaVersion\":1,\"manifest\":null,\"primings\":[],\"runs\":[]}", "{\"schemaVersion\":\"\\u001b\\n\"}"})
    void refusesMalformedFiles(String content) {
        refusal(content);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"testScore\" : [0-9.]+|\"testScore\" : NaN|line ", "\"testScore\" : [0-9.]+|\"testScore\" : \"1\"|line ",
        "\"seed\" : 7|\"seed\" : 7, \"seed\" : 8|seed", "\"seed\" : 7,||seed", "\"seed\"|\"sead\" : 1, \"seed\"|unknown field sead",
        "\"modelSha256\" : \"a|\"modelSha256\" : \"A|64 hexadecimal digits", "\"algorithm\" : \"maml\"|\"algorithm\" : \"sgd\"|sgd",
        "\"bestStep\" : 60|\"bestStep\" : 101|bestStep is 101, expected 0 to 100", "\"recipe\" : \"mtl\"|\"recipe\" : \" \"|blank"})
    void refusesSpoiltFiles(String pattern, String replacement, String said) {
        String json = StudyFiles.RESULTS.toJson(results());
        String spoilt = json.replaceFirst(pattern, replacement == null ? "" : replacement);
        assertFalse(spoilt.equals(json), pattern);
        assertTrue(refusal(spoilt).contains(said), refusal(spoilt));
    }

    private static StudyResults results() {
        StudyManifest manifest = SampleStudy.manifest(List.of("mtl", "maml"), List.of("lora"), TASKS, SampleStudy.SAMPLES);
        List<StudyRun> runs = new ArrayList<>(SampleStudy.runs("mtl", "lora", TASKS, new double[][] {{0.1, 0.2}, {0.3, 0.4}}));
        runs.addAll(SampleStudy.runs(StudyRun.DIRECT, "lora", TASKS, new double[][] {{0.1, 0.25}, {0.3, 0.4}}));
        return StudyResults.of(manifest, List.of(SampleStudy.priming("mtl", null), SampleStudy.priming("maml", "lora")), runs);
    }

    private static StudyCosts costs() {
        return StudyCosts.of(List.of(new StudyCost(StudyCost.TUNING, "mtl", "lora", "ant", 13, 1.5, 1L << 40, 10),
            new StudyCost(StudyCost.PRIMING, "mtl", null, null, null, 60, 1000, 6400)));
    }

    private static void refused(String said, Runnable made) {
        String sentence = assertThrows(IllegalArgumentException.class, made::run).getMessage();
        assertTrue(sentence.contains(said), sentence);
    }

    private String refusal(String content) {
        Path file = folder.resolve("bad.json");
        try {
            Files.writeString(file, content);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
        String sentence = assertThrows(BadInputException.class, () -> StudyFiles.RESULTS.read(file), content).getMessage();
        assertTrue(sentence.contains("expected"), sentence);
        assertFalse(sentence.matches("(?s).*\\p{Cntrl}.*") || sentence.length() > 600, sentence);
        return sentence;
    }
}
