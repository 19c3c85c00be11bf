package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

class ResultsFileTest {

    @TempDir
    private Path folder;

    @Test
    void readsWhatItWrote() throws IOException {
        Path file = folder.resolve("results.json");
        Results results = SampleResults.of(5, 3);
        ResultsFile.write(file, results);
        assertEquals(results, ResultsFile.read(file));
        byte[] first = Files.readAllBytes(file);
        ResultsFile.write(file, ResultsFile.read(file));
        assertArrayEquals(first, Files.readAllBytes(file));
        assertEquals(List.of("results.json"), names());
    }

    @Test
    void keepsEverySettingsType() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("z", 1L);
        settings.put("a", List.of(1.5f, Map.of("deep", (short) 2)));
        settings.put("big", 1L << 40);
        settings.put("none", null);
        settings.put("float", 0.1f);
        Results results = with(settings);
        Path file = folder.resolve("results.json");
        ResultsFile.write(file, results);
        Map<String, Object> read = ResultsFile.read(file).settings();
        assertEquals(results.settings(), read);
        assertEquals(List.of("z", "a", "big", "none", "float"), new ArrayList<>(read.keySet()));
        assertEquals(0.1, read.get("float"));
        assertEquals(1, read.get("z"));
    }

    private static Results with(Map<String, Object> settings) {
        return new Results(Results.SCHEMA_VERSION, "c", "v", "", -1, "cpu", 1, "m", settings, null, List.of(), 0);
    }

    @Property(tries = 100)
    void keepsHostileNames(@ForAll String name) throws IOException {
        String task = "t" + name.replaceAll("\\p{Cs}", "?");
        Path file = Files.createTempDirectory("primer").resolve("results.json");
        Results results = SampleResults.results(List.of(SampleResults.run(task, "lora", RunResult.PRIMED, 1, 0.5)));
        ResultsFile.write(file, results);
        assertEquals(results, ResultsFile.read(file));
        Files.delete(file);
        Files.delete(file.getParent());
    }

    @Test
    void refusesAnUnknownField() {
        String sentence = refusal(json().replace("\"commit\"", "\"commmit\" : 1, \"commit\""));
        assertTrue(sentence.contains("line 5") && sentence.contains("unknown field commmit"), sentence);
    }

    @Test
    void refusesAMissingField() {
        assertTrue(refusal(json().replaceFirst("\"seed\" : 7,", "")).contains("seed"));
    }

    @Test
    void refusesAnotherSchemaVersionBeforeAnythingElse() {
        String sentence = refusal("{\"new\": [{}], \"schemaVersion\": 4}");
        assertTrue(sentence.contains("schemaVersion is 4, expected 3"), sentence);
    }

    @Test
    void refusesScoresThatAreNoNumbers() {
        for (String score : List.of("NaN", "\"NaN\"", "\"0.5\"", "1e999", "null", "-Infinity", "[]")) {
            String sentence = refusal(json().replaceFirst("\"testScore\" : [0-9.]+", "\"testScore\" : " + score));
            assertTrue(sentence.contains("line "), sentence);
        }
    }

    @Test
    void refusesRepeatedRunsAndFields() {
        RunResult run = SampleResults.run("a", "lora", RunResult.PRIMED, 1, 0.5);
        assertThrows(IllegalArgumentException.class, () -> SampleResults.results(List.of(run, run)));
        assertTrue(refusal(json().replace("\"seed\" : 7", "\"seed\" : 7, \"seed\" : 8")).contains("seed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "1", "{}", "\u0000", "{\"schemaVersion\":3}", "{\"schemaVersion\":{}}",
        "{\"schemaVersion\":3,\"runs\":[null]}", "{\"schemaVersion\":3.0}", "{\"schemaVersion\":\"\\u001b\\n\"}"})
    void refusesMalformedFiles(String content) {
        refusal(content);
    }

    @Test
    void refusesEveryTruncation() {
        String json = json();
        for (int length = 0; length < json.stripTrailing().length(); length += 37) {
            refusal(json.substring(0, length));
        }
    }

    @Test
    void refusesANullRun() {
        String sentence = refusal(json().replaceFirst("(?s)\"runs\" : \\[.*\\]", "\"runs\" : [null]"));
        assertTrue(sentence.contains("an item of runs is missing"), sentence);
    }

    @Test
    void refusesDeepNesting() {
        refusal("{\"settings\":" + "[".repeat(100_000));
    }

    @Test
    void refusesAMissingFileAndAFolder() {
        assertSentence(assertThrows(BadInputException.class, () -> ResultsFile.read(folder.resolve("none.json"))));
        assertSentence(assertThrows(BadInputException.class, () -> ResultsFile.read(folder)));
    }

    @Test
    void leavesNothingBehindWhereItCannotWrite() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("results.json"));
        Files.createFile(taken.resolve("inside"));
        assertSentence(assertThrows(BadInputException.class, () -> ResultsFile.write(taken, SampleResults.of(1, 1))));
        assertSentence(assertThrows(BadInputException.class,
                () -> ResultsFile.write(folder.resolve("none/results.json"), SampleResults.of(1, 1))));
        assertEquals(List.of("results.json"), names());
    }

    private static String json() {
        return ResultsFile.toJson(SampleResults.of(1, 1));
    }

    private String refusal(String content) {
        Path file = folder.resolve("bad.json");
        try {
            Files.write(file, content.getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
        BadInputException refused = assertThrows(BadInputException.class, () -> ResultsFile.read(file), content);
        assertSentence(refused);
        return refused.getMessage();
    }

    private static void assertSentence(BadInputException refused) {
        String sentence = refused.getMessage();
        assertTrue(sentence.contains("expected"), sentence);
        assertFalse(sentence.matches("(?s).*\\p{Cntrl}.*") || sentence.length() > 600, sentence);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
