package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.peft.PeftFolder;

/** The commands one after another, on a tiny model and gym. */
class PipelineTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;
    private static Path model;
    private static Path gym;

    @BeforeAll
    static void write() {
        model = TinyModel.write(folder, 1);
        gym = TinyGym.write(folder);
    }

    private static Cli done(Object... args) {
        Cli cli = Cli.run(args);
        assertEquals(0, cli.status(), cli.err());
        return cli;
    }

    private static Cli prime(Path out, Object... more) {
        return done(Cli.join(new Object[] {"prime", "--model", model, "--gym", gym, "--samples", "13,21", "--max-length", 32, "--max-tokens", 256,
            "--steps", 20, "--batch", 4, "--rate", "3e-3", "--threads", 1, "--out", out}, more));
    }

    private static Cli tune(Path out, Object... more) {
        return done(Cli.join(new Object[] {"tune", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--max-tokens", 256,
            "--steps", 24, "--batch", 4, "--rates", "1e-2", "--evaluate-every", 8, "--threads", 1, "--bottleneck", 5, "--rank", 3, "--out", out}, more));
    }

    @ParameterizedTest
    @CsvSource({"matching", "joint"})
    void primeTuneReportAndPredict(String objective) throws IOException {
        Path primed = folder.resolve("primed-" + objective);
        Path out = folder.resolve("tuned " + objective);
        prime(primed, "--objective", objective);
        Cli tuned = tune(out, "--primed", primed, "--objective", objective, "--method", "lora,houlsby,pfeiffer,bitfit,full");
        assertTrue(tuned.out().contains("ARG"), tuned.out());

        Results results = ResultsFile.read(out.resolve("results.json"));
        assertEquals(2 * 5 * TinyGym.TEST.size(), results.runs().size());
        assertEquals(results.runs().size(), list(out.resolve("adapters")).size());
        for (RunResult run : results.runs()) {
            Path adapter = out.resolve("adapters").resolve(String.join("-", run.task(), "13", run.method(), run.start()));
            assertEquals(run.testScore(), accuracy(run.task(), adapter), 1e-12, adapter.toString());
        }
        assertEquals(tuned.out(), done("report", out).out());
        assertTrue(Files.readString(out.resolve("report.html")).startsWith("<!DOCTYPE html>"));
    }

    /** Of a task's test file, by the predict command. */
    private static double accuracy(String task, Path adapter) throws IOException {
        Path test = TinyGym.file(gym, task, 13, "test");
        List<String> rows = Files.readAllLines(test);
        List<String> answers = done("predict", "--model", adapter, "--input", test, "--threads", 1).out().lines().toList();
        assertEquals(rows.size(), answers.size());
        int right = 0;
        for (int i = 0; i < rows.size(); i++) {
            assertEquals(rows.get(i).split("\t")[0], answers.get(i).split("\t")[0]);
            right += rows.get(i).equals(answers.get(i)) ? 1 : 0;
        }
        return (double) right / rows.size();
    }

    @Test
    void sameSeedSameBytesOtherSeedOthers() throws IOException {
        tune(folder.resolve("one"), "--method", "lora,houlsby");
        tune(folder.resolve("two"), "--method", "lora,houlsby");
        tune(folder.resolve("other"), "--method", "lora,houlsby", "--seed", 2);
        for (Path adapter : list(folder.resolve("one/adapters"))) {
            Path twin = folder.resolve("two/adapters").resolve(adapter.getFileName());
            for (Path file : list(adapter)) {
                assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(twin.resolve(file.getFileName())), file.toString());
            }
            Path other = folder.resolve("other/adapters").resolve(adapter.getFileName());
            assertNotEquals(-1, Files.mismatch(adapter.resolve("adapter_model.safetensors"), other.resolve("adapter_model.safetensors")));
        }
        prime(folder.resolve("p1"));
        prime(folder.resolve("p2"));
        assertEquals(-1, Files.mismatch(folder.resolve("p1/plm/model.safetensors"), folder.resolve("p2/plm/model.safetensors")));
        assertNotEquals(-1, Files.mismatch(folder.resolve("p1/plm/model.safetensors"), model.resolve("model.safetensors")));
    }

    @Test
    void jsonIsOneObjectALineAndNothingElse() throws IOException {
        Cli tuned = tune(folder.resolve("json"), "--json", "--no-adapters");
        List<JsonNode> lines = parse(tuned.out());
        assertEquals(TinyGym.TEST.size() + 1, lines.size());
        JsonNode summary = lines.get(lines.size() - 1);
        assertEquals("summary", summary.get("kind").asText());
        assertEquals(TinyGym.TEST.size(), summary.get("tasks").asInt(), "the means of a single start are of all its tasks");
        assertTrue(summary.get("unprimed").isNumber() && summary.get("primed").isNull() && summary.get("arg").isNull(), summary.toString());
        assertEquals(4, parse(done("gym", "list", gym, "--json").out()).size());
        assertTrue(Files.notExists(folder.resolve("json/adapters")));
    }

    private static List<JsonNode> parse(String lines) throws IOException {
        List<JsonNode> parsed = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            parsed.add(JSON.readTree(line));
        }
        return parsed;
    }

    @Test
    void aModelPrimedOtherwiseIsRefused() {
        Path primed = folder.resolve("primed-otherwise");
        prime(primed, "--no-task-names");
        refuse("task_names", "tune", "--model", model, "--primed", primed, "--gym", gym, "--samples", 13, "--max-length", 32, "--out", folder.resolve("x"));
        refuse("weather", "tune", "--model", model, "--primed", primed, "--gym", gym, "--samples", 13, "--max-length", 32, "--no-task-names", "--tasks",
            "weather", "--out", folder.resolve("x"));
        refuse("--model", "tune", "--model", "minilm", "--primed", primed, "--gym", gym, "--samples", 13, "--max-length", 32, "--no-task-names", "--out",
            folder.resolve("x"));
    }

    private static void refuse(String said, Object... args) {
        Cli cli = Cli.run(args);
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains(said), cli.err());
    }

    @Test
    void overwriteReplacesAnotherRun() throws IOException {
        Path out = folder.resolve("again");
        tune(out, "--method", "lora");
        tune(out, "--method", "bitfit", "--overwrite");
        assertTrue(list(out.resolve("adapters")).stream().allMatch(a -> a.toString().contains("bitfit")));
        assertEquals("bitfit", ResultsFile.read(out.resolve("results.json")).runs().get(0).method());
        assertEquals(3, list(out).size(), "nothing but adapters, report and results");
    }

    @Test
    void predictWritesAFileWholeAndNamesABadLine() throws IOException {
        Path out = folder.resolve("for-predict");
        tune(out);
        Path adapter = out.resolve("adapters/mood-13-lora-unprimed");
        assertEquals(model.toString(), PeftFolder.read(adapter).baseModel());
        Path input = Files.write(folder.resolve("input.txt"), List.of("we saw the sun", "so glad", "", "again"));
        Path output = folder.resolve("output.tsv");
        refuse("input.txt:3", "predict", "--model", adapter, "--input", input, "--output", output);
        assertTrue(Files.notExists(output));
        Files.write(input, List.of("we saw the sun", "so glad"));
        done("predict", "--model", adapter, "--input", input, "--output", output);
        assertEquals(2, Files.readAllLines(output).size());
        InputStream before = System.in;
        try (InputStream piped = Files.newInputStream(input)) {
            System.setIn(piped);
            assertEquals(Files.readString(output), done("predict", "--model", adapter, "--input", "-").out());
        } finally {
            System.setIn(before);
        }
        Path choice = out.resolve("adapters/animal-13-lora-unprimed");
        refuse("input.txt:1", "predict", "--model", choice, "--input", input);
    }

    @Test
    void aSoundGymPassesItsCheckAndABrokenOneDoesNot() throws IOException {
        assertTrue(done("gym", "check", gym).out().contains("0 problems"));
        Path broken = TinyGym.write(Files.createDirectory(folder.resolve("broken")));
        Files.writeString(TinyGym.file(broken, "food", 21, "dev"), "no tab\n");
        Cli cli = Cli.run("gym", "check", broken);
        assertEquals(1, cli.status());
        assertTrue(cli.out().contains("food_16_21_dev.tsv:1"), cli.out());
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
