package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.run.MicroStudy;
import org.primer4j.experiment.study.run.StudyFolder;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.graph.Bf16;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.T5Config;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.PeftFolder;
import org.primer4j.priming.PrimedFolder;

/** Whole runs on a CUDA device, emulated in {@code mvn verify}, beside the same runs on the CPU. */
class CudaRunTest {

    /**
     * How far sums in another order carry these runs, as a share of what they move: two to three times what the CPU's own kernels for avx2 and for
     * avx512 are apart (FOMAML 1.9e-4, multi-task 2.2e-5, Reptile 3.6e-6). AdamW moves a weight by its rate even where its gradient is rounding
     * alone.
     */
    private static final double FOMAML = 4e-4;
    /**
     * The same of exact MAML, where those two happen to be close (3.0e-5): of 33 runs on the CPU from starts that differ in their weights' last bits,
     * any two are up to 1.4e-4 apart (528 pairs: half above 5.3e-5, one in twenty above 9.2e-5).
     */
    private static final double MAML = 2e-4;
    private static final double MULTI_TASK = 6e-5;
    private static final double REPTILE = 1e-5;
    /**
     * A hypothesis's score, absolute, as a log-probability is a logit less the logarithm of a sum, both rounded at the size of the logits: twice what
     * the CPU's avx2 and avx512 are apart (T5 6.4e-7; BART's come out the same).
     */
    private static final double SCORE = 1.3e-6;
    /**
     * The same of a method in bf16, from frozen weights that are bf16 numbers on both devices: CUDA rounds x and dy of 12 products with weights, and q, k, v,
     * P, do and dS of 2 attentions, 36 roundings, each off by at most 2^-9, evenly spread up to there by that over the root of 3, which add up as
     * squares do. Of 10 models, LoRA's came out 0.0025 to 0.0056 apart, adapters' 0.00005 to 0.0006. By Reptile, whose steps are the gradient's.
     */
    private static final double BF16 = Math.sqrt(36 / 3.0) / (1 << 9);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> DEVICES = List.of("cpu", "cuda:0");
    private static final String STUDY = """
        version: 1
        name: devices
        model: MODEL
        gym: gym
        tasks: {train: [weather, food], dev: [], test: [mood]}
        seed: 3
        text: {max-length: 32, max-tokens: 256}
        priming: {samples: [13], steps: 2, learning-rate: 3e-3}
        recipes: [{name: mtl-peft, algorithm: mtl, tune: peft, batch: 4}]
        methods: [{method: lora, rank: 2}]
        tuning: {samples: [13], steps: 2, rates: [1e-2], batches: [4], evaluate-every: 2}
        """;

    @TempDir
    static Path folder;
    private static Path model;
    private static Path gym;

    @BeforeAll
    static void write() {
        model = TinyModel.write(folder, 1);
        gym = TinyGym.write(folder);
    }

    private static void done(Object... args) {
        Cli cli = Cli.run(args);
        assertEquals(0, cli.status(), cli.err());
    }

    private static Path prime(String device, String algorithm, Object... more) {
        Path out = folder.resolve(algorithm + device.charAt(1));
        done(Cli.join(new Object[] {"prime", "--model", model, "--gym", gym, "--algorithm", algorithm, "--samples", 13, "--max-length", 32, "--max-tokens", 256,
            "--steps", 3, "--rate", "1e-3", "--device", device, "--dtype", "fp32", "--out", out}, more));
        return out;
    }

    private static double distance(Map<String, TensorData> a, Map<String, TensorData> b) {
        assertEquals(a.keySet(), b.keySet());
        double difference = 0, size = 0;
        for (String name : a.keySet()) {
            float[] x = a.get(name).floats(), y = b.get(name).floats();
            for (int i = 0; i < x.length; i++) {
                difference += Math.pow(x[i] - y[i], 2);
                size += Math.pow(x[i], 2);
            }
        }
        return Math.sqrt(difference / size);
    }

    private static Map<String, TensorData> weights(Path path) {
        return new ModelReference(path.toString()).read().weights();
    }

    private static void primesAlike(String algorithm, double rounding, Object... more) {
        List<Map<String, TensorData>> primed = DEVICES.stream().map(device -> weights(prime(device, algorithm, more).resolve(PrimedFolder.MODEL))).toList();
        double moved = distance(weights(model), primed.get(0)), apart = distance(primed.get(0), primed.get(1));
        assertTrue(apart <= rounding * moved, algorithm + " moves the model by " + moved + ", and the devices come out " + apart + " apart");
    }

    @Test
    void multiTaskPrimingComesToTheSame() {
        primesAlike("mtl", MULTI_TASK);
    }

    @Test
    void reptileComesToTheSame() {
        primesAlike("reptile", REPTILE, "--tasks-per-step", 2);
    }

    @Test
    void fomamlComesToTheSame() {
        primesAlike("fomaml", FOMAML, "--tasks-per-step", 2);
    }

    @Test
    void exactMamlComesToTheSame() {
        primesAlike("maml", MAML, "--tasks-per-step", 2, "--inner-steps", 2, "--inner-rate", "1e-2");
    }

    // The model, where every weight is a bf16 number.
    private static Path rounded() {
        Path target = folder.resolve("rounded");
        if (!Files.exists(target)) {
            PretrainedModel exact = TinyModel.of(1);
            Map<String, TensorData> weights = new HashMap<>(exact.weights());
            weights.replaceAll((name, tensor) -> TensorData.of(tensor.shape(), Bf16.rounded(tensor.floats())));
            exact.withWeights(weights).write(target);
        }
        return target;
    }

    // Of a rate that is as good as none, those before the first step.
    private static Map<String, TensorData> startValues(String method, String device, String dtype, String rate) {
        Path out = folder.resolve(String.join("-", method, dtype, rate));
        done("prime", "--model", rounded(), "--gym", gym, "--algorithm", "reptile", "--tune", "peft", "--method", method, "--samples", 13, "--max-length", 32,
            "--max-tokens", 256, "--steps", 3, "--tasks-per-step", 2, "--inner-rate", "1e-1", "--rate", rate, "--device", device, "--dtype", dtype,
            "--out", out);
        return PeftFolder.read(out.resolve(PrimedFolder.PEFT)).tensors();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "houlsby"})
    void bf16GoesNoFurtherThanItsRoundings(String method) {
        Map<String, TensorData> start = startValues(method, "cpu", "fp32", "1e-30"), exact = startValues(method, "cpu", "fp32", "1");
        double moved = distance(start, exact), apart = distance(exact, startValues(method, "cuda:0", "bf16", "1"));
        String what = method + " moves by " + moved + ", and bf16 on CUDA comes out " + apart + " apart";
        assertTrue(apart <= BF16 * moved, what);
        assertTrue(apart >= 10 * REPTILE * moved, "these are not products in bf16: " + what);
    }

    private static Cli tune(String device, String methods, Path out, Object... more) {
        return Cli.run(Cli.join(new Object[] {"tune", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--max-tokens", 256, "--steps", 6,
            "--batch", 4, "--rates", "1e-3", "--evaluate-every", 3, "--method", methods, "--bottleneck", 5, "--rank", 3, "--prefix-length", 3,
            "--prompt-length", 3, "--device", device, "--dtype", "fp32", "--out", out}, more));
    }

    private static Results tuned(String device) {
        Path out = folder.resolve("tune" + device.charAt(1));
        Cli cli = tune(device, "lora,houlsby,bitfit,prefix+parallel,ia3,prompt", out);
        assertEquals(0, cli.status(), cli.err());
        return ResultsFile.read(out.resolve("results.json"));
    }

    @Test
    void tuningComesToTheSameScores() {
        List<Results> results = DEVICES.stream().map(CudaRunTest::tuned).toList();
        assertEquals(results.get(0).runs().stream().map(RunResult::testScore).toList(), results.get(1).runs().stream().map(RunResult::testScore).toList());
        assertTrue(results.get(1).device().startsWith("cuda:0 ("), results.get(1).device());
    }

    /** A run on the CPU that goes on with what a GPU has made would have numbers of both, told apart by nothing. */
    private static void refusedOnTheCpu(Cli cli, Path file, String what) {
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().startsWith("primer: " + file + ": " + what + " have device cuda") && cli.err().contains(", but this run has cpu"), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    @Test
    void cellsOfADeviceAreOfThatDevice() {
        Path cells = folder.resolve("cells");
        for (String out : List.of("cells-first", "cells-again")) {
            Cli cli = tune("cuda:0", "bitfit", folder.resolve(out), "--tasks", "mood", "--cells", cells);
            assertEquals(0, cli.status(), cli.err());
        }
        refusedOnTheCpu(tune("cpu", "bitfit", folder.resolve("other"), "--tasks", "mood", "--cells", cells), cells.resolve("store.json"), "the finished cells");
    }

    private static Cli experiment(String device, Path file, Path out) {
        return Cli.run("experiment", file, "--device", device, "--dtype", "fp32", "--out", out);
    }

    private static List<Double> scores(Path out) {
        return StudySnapshot.read(out).results().runs().stream().map(StudyRun::testScore).toList();
    }

    @Test
    void anExperimentComesToTheSameAndStaysOnItsDevice() throws IOException {
        Path file = MicroStudy.write(Files.createDirectory(folder.resolve("study")), STUDY);
        for (String device : DEVICES) {
            Cli cli = experiment(device, file, folder.resolve("study" + device.charAt(1)));
            assertEquals(0, cli.status(), cli.err());
        }
        Path cuda = folder.resolve("studyu");
        assertEquals(scores(folder.resolve("studyp")), scores(cuda));
        assertEquals(0, experiment("cuda:0", file, cuda).status(), "a study goes on where it began");
        refusedOnTheCpu(experiment("cpu", file, cuda), cuda.resolve(StudyFolder.MANIFEST), "the folder's cells");
    }

    private static List<Path> textToText() {
        BartConfig.Stack stack = new BartConfig.Stack(1, 2, 16);
        List<ModelConfig> configs = List.of(new BartConfig(300, 16, stack, stack, 32, "gelu", false, 1, 0, 2, 2, null, 2, 0, 0, 0),
            new T5Config("t5", 300, 20, 6, 4, 36, 1, 1, 8, 10, 1e-6, "gated-gelu", true, false, 1, 2, 1, 0));
        return configs.stream().map(config -> {
            Path target = folder.resolve(config.getClass().getSimpleName());
            RandomModel.of(config, TextToTextGym.tokenizerJson(), 1).write(target);
            return target;
        }).toList();
    }

    private static List<JsonNode> generated(String device, Path from) throws IOException {
        Path input = Files.writeString(folder.resolve("input.txt"), "red green\nblue\nred blue green red\n");
        Cli cli = Cli.run("generate", "--model", from, "--input", input, "--max-new-tokens", 6, "--num-beams", 3, "--num-return-sequences", 2, "--json", "--device",
            device, "--dtype", "fp32");
        assertEquals(0, cli.status(), cli.err());
        List<JsonNode> rows = new ArrayList<>();
        for (String line : cli.out().lines().toList()) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    @Test
    void beamSearchFindsTheSame() throws IOException {
        for (Path from : textToText()) {
            List<JsonNode> cpu = generated("cpu", from), cuda = generated("cuda:0", from);
            assertEquals(6, cpu.size());
            for (int i = 0; i < cpu.size(); i++) {
                assertEquals(cpu.get(i).get("output"), cuda.get(i).get("output"), from.toString());
                double score = cpu.get(i).get("score").asDouble();
                assertEquals(score, cuda.get(i).get("score").asDouble(), SCORE, cuda.get(i).toString());
            }
        }
    }
}
