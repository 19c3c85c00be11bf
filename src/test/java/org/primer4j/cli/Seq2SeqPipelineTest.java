package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.gym.Metric;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.BartConfig.Stack;
import org.primer4j.model.io.RandomModel;

/** The commands one after another, on a tiny model that writes. */
class Seq2SeqPipelineTest {

    // Starts, methods, samples, batch sizes.
    private static final int CELLS = 2 * 2 * 2 * 2;

    @TempDir
    static Path folder;
    private static Path model;
    private static Path gym;

    @BeforeAll
    static void write() {
        gym = folder.resolve("gym");
        model = folder.resolve("model");
        TextToTextGym.write(gym, 1);
        Stack stack = new Stack(1, 2, 48);
        BartConfig config = new BartConfig(64, 32, stack, stack, 64, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0.1, 0.1);
        RandomModel.of(config, TextToTextGym.tokenizerJson(), 1).write(model);
    }

    private static Cli done(Object... args) {
        Cli cli = Cli.run(args);
        assertEquals(0, cli.status(), cli.err());
        return cli;
    }

    private static void prime(Path out, Object... more) {
        done(Cli.join(new Object[] {"prime", "--model", model, "--gym", gym, "--tasks", TextToTextGym.COPY, "--samples", 13, "--max-length", 24,
            "--max-target-length", 12, "--max-tokens", 256, "--steps", 20, "--batch", 8, "--rate", "3e-3", "--threads", 1, "--out", out}, more));
    }

    /** Meta-learning of the model and LoRA's start values, with looks at a dev task that it writes answers to. */
    @Test
    void metaLearnAndTuneFromThere() {
        Path primed = folder.resolve("meta");
        done("prime", "--model", model, "--gym", gym, "--tasks", TextToTextGym.COPY, "--samples", 13, "--max-length", 24,
            "--max-target-length", 12, "--max-tokens", 256, "--algorithm", "maml", "--tune", "both", "--method", "lora", "--rank", 3, "--steps", 2,
            "--tasks-per-step", 1, "--inner-batch", 4, "--validate-every", 1, "--dev-tasks", TextToTextGym.REVERSE, "--validation-steps", 1, "--dev-beams", 1,
            "--threads", 1, "--out", primed);
        assertTrue(Files.exists(primed.resolve("plm/model.safetensors")) && Files.exists(primed.resolve("peft/adapter_model.safetensors")));
        Path tuned = folder.resolve("meta tuned");
        done(Cli.join(tuning(tuned, primed, folder.resolve("meta cells")), "--method", "lora"));
        assertEquals(4, ResultsFile.read(tuned.resolve("results.json")).runs().size());
    }

    private static Object[] tuning(Path out, Path primed, Path cells) {
        return new Object[] {"tune", "--model", model, "--primed", primed, "--gym", gym, "--tasks", TextToTextGym.LABEL, "--samples", "13,21",
            "--method", "lora,full", "--max-length", 24, "--max-target-length", 12, "--max-tokens", 256, "--steps", 6, "--batches", "4,8", "--rates", "1e-2",
            "--evaluate-every", 3, "--dev-beams", 1, "--beams", 2, "--threads", 1, "--rank", 3, "--cells", cells, "--out", out};
    }

    @Test
    void primeTuneAndPredictAndGoOn() throws IOException {
        Path primed = folder.resolve("primed");
        prime(primed);
        Path out = folder.resolve("tuned");
        Path cells = folder.resolve("cells");
        done(tuning(out, primed, cells));
        List<RunResult> runs = ResultsFile.read(out.resolve("results.json")).runs();
        assertEquals(8, runs.size());
        assertTrue(runs.stream().allMatch(run -> run.objective().equals("seq2seq") && run.type().equals("generation")));
        for (RunResult run : runs) {
            assertEquals(run.testScore(), exactMatch(run, out), 1e-12, run.toString());
        }
        Map<Path, FileTime> before = times(cells);
        assertEquals(CELLS, before.size());
        goesOnAtTheCellsThatAreMissing(out, primed, cells, runs, before);
    }

    private static void goesOnAtTheCellsThatAreMissing(Path out, Path primed, Path cells, List<RunResult> runs, Map<Path, FileTime> before)
        throws IOException {
        List<Path> lost = before.keySet().stream().limit(3).toList();
        for (Path cell : lost) {
            delete(cell);
        }
        done(Cli.join(tuning(out, primed, cells), "--overwrite"));
        List<RunResult> again = ResultsFile.read(out.resolve("results.json")).runs();
        for (int i = 0; i < runs.size(); i++) {
            assertEquals(runs.get(i).testScore(), again.get(i).testScore());
            assertEquals(runs.get(i).curve(), again.get(i).curve());
            assertEquals(runs.get(i).settings(), again.get(i).settings());
        }
        Map<Path, FileTime> after = times(cells);
        assertEquals(before.keySet(), after.keySet());
        after.forEach((cell, time) -> assertEquals(!lost.contains(cell), time.equals(before.get(cell)), cell.toString()));
        Cli other = Cli.run(Cli.join(tuning(out, primed, cells), "--max-length", 20, "--overwrite"));
        assertEquals(2, other.status(), other.err());
        otherContentIsNotTakenForTheSame(out, primed, cells);
    }

    private static void otherContentIsNotTakenForTheSame(Path out, Path primed, Path cells) throws IOException {
        Path dev = gym.resolve(TextToTextGym.LABEL).resolve(TextToTextGym.LABEL + "_16_13_dev.tsv");
        List<String> rows = Files.readAllLines(dev);
        Files.write(dev, rows.subList(0, rows.size() - 1));
        done(Cli.join(tuning(out, primed, cells), "--overwrite"));
        assertEquals(CELLS + CELLS / 2, times(cells).size(), "sample 13 is tuned again");
        assertEquals(CELLS / 2 + CELLS / 4, parameters(cells), "one batch size of the two");
        Path weights = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 2] ^= 1;
        Files.write(weights, bytes);
        Cli other = Cli.run(Cli.join(tuning(out, primed, cells), "--overwrite"));
        assertEquals(2, other.status(), other.err());
        assertTrue(other.err().contains("model_sha256_unprimed"), other.err());
    }

    private static long parameters(Path cells) throws IOException {
        try (Stream<Path> tree = Files.walk(cells)) {
            return tree.filter(file -> file.endsWith("parameters.safetensors")).count();
        }
    }

    private static Map<Path, FileTime> times(Path cells) throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> entries = Files.list(cells)) {
            for (Path cell : entries.filter(Files::isDirectory).toList()) {
                times.put(cell, Files.getLastModifiedTime(cell));
            }
        }
        return times;
    }

    private static void delete(Path cell) throws IOException {
        try (Stream<Path> tree = Files.walk(cell)) {
            for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }

    /** Of a task's test file, by the predict command. */
    private static double exactMatch(RunResult run, Path out) throws IOException {
        Path adapter = out.resolve("adapters").resolve(String.join("-", run.task(), String.valueOf(run.sample()), run.method(), run.start()));
        Path test = gym.resolve(run.task()).resolve(run.task() + "_16_" + run.sample() + "_test.tsv");
        List<String> rows = Files.readAllLines(test);
        List<String> answers = done("predict", "--model", adapter, "--input", test, "--threads", 1).out().lines().toList();
        assertEquals(rows.size(), answers.size());
        return Metric.EM.score(answers.stream().map(line -> field(line, 1)).toList(), rows.stream().map(line -> List.of(field(line, 1))).toList());
    }

    private static String field(String line, int index) {
        return line.split("\t", -1)[index];
    }

    @Test
    void optionsOfTheOtherKindOfModelAreRefused() {
        refuse("--objective", "--objective", "matching");
        refuse("--max-length", "--max-length", 100);
        refuse("--max-target-length", "--max-target-length", 1);
        refuse("--label-smoothing", "--label-smoothing", 1);
        refuse("beam", "--beams", 0);
    }

    @Test
    void textsMustFitBesideAMethodsVirtualTokens() {
        refuse("--max-length is 24; expected at most 14", "--method", "lora,prompt", "--prompt-length", 50);
        refuse("--max-length is 24; expected at most 4", "--method", "prefix+lora", "--prefix-length", 60, "--prefix-sites", "encoder");
        refuse("--max-target-length is 12; expected at most 4", "--method", "prefix", "--prefix-length", 60, "--prefix-sites", "decoder");
    }

    private static void refuse(String said, Object... more) {
        Cli cli = Cli.run(Cli.join(new Object[] {"tune", "--model", model, "--gym", gym, "--tasks", TextToTextGym.LABEL, "--samples", 13, "--max-length", 24,
            "--max-target-length", 12, "--max-tokens", 256, "--threads", 1, "--out", folder.resolve("refused")}, more));
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains(said), cli.err());
    }
}
