package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Engine;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.graph.Bf16;

/** Frozen weights in bf16 from the command line; where that would be emulated it is refused. */
class WeightOptionsTest {

    @TempDir
    Path folder;

    private record Result(int status, String output) {}

    private static Result inProcess(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private static void refused(Map<String, String> environment, String why) throws IOException, InterruptedException {
        Result bench = inProcess(environment, "bench", "train", "--dtype", "bf16-base", "--threads", "1");
        assertEquals(2, bench.status, bench.output);
        assertTrue(bench.output.contains("Frozen weights cannot be kept as bf16: " + why + "; expected a processor with avx512_bf16"), bench.output);
    }

    @Test
    void aProcessWithoutItRefuses() throws Exception {
        assumeTrue(!Engine.instructionSet().equals("x86-64"), "needs a lesser instruction set");
        String why = Engine.bf16Obstacle().isEmpty() ? "PRIMER_ISA keeps the kernels from avx512" : Engine.bf16Obstacle();
        refused(Map.of("PRIMER_ISA", "x86-64"), why);
        Result doctor = inProcess(Map.of("PRIMER_ISA", "x86-64"), "doctor", "--threads", "1");
        assertTrue(doctor.output.contains("absent: " + why), doctor.output);
    }

    @Test
    void oneDnnIsNotLeftToEmulateIt() throws Exception {
        Bf16.assume();
        refused(Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE"), "ONEDNN_MAX_CPU_ISA keeps oneDNN from avx512_bf16");
    }

    @Test
    void unknownTypesAreRefused() {
        Cli cli = Cli.run("prime", "--dtype", "fp16", "--model", folder, "--gym", folder, "--out", folder.resolve("out"));
        assertEquals(2, cli.status());
        assertTrue(cli.err().contains("There is no weight type 'fp16'; expected fp32, tf32, bf16."), cli.err());
    }

    @Test
    void primeTuneAndPredictInBf16() {
        Bf16.assume();
        Path model = TinyModel.write(folder, 1), gym = TinyGym.write(folder), primed = folder.resolve("primed"), tuned = folder.resolve("tuned");
        Object[] common = {"--dtype", "bf16", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--max-tokens", 256, "--steps", 8,
            "--batch", 4, "--threads", 1};
        done(Cli.join(new Object[] {"prime", "--rate", "3e-3", "--out", primed}, common));
        Object[] tune = Cli.join(new Object[] {"tune", "--primed", primed, "--method", "lora", "--rates", "1e-2", "--evaluate-every", 4, "--cells",
            folder.resolve("cells"), "--out", tuned}, common);
        done(tune);
        assertTrue(ResultsFile.read(tuned.resolve("results.json")).device().endsWith(", bf16 weights)"));
        Path adapter = tuned.resolve("adapters").resolve(TinyGym.TEST.get(0) + "-13-lora-primed");
        Path input = TinyGym.file(gym, TinyGym.TEST.get(0), 13, "test");
        assertTrue(done("predict", "--dtype", "bf16", "--model", adapter, "--input", input, "--threads", 1).out().lines().count() > 0);
        Cli other = Cli.run(Cli.join(tune, "--dtype", "fp32", "--out", folder.resolve("other")));
        assertEquals(2, other.status(), other.err());
        assertTrue(other.err().contains("dtype"), other.err());
    }

    private static Cli done(Object... arguments) {
        Cli cli = Cli.run(arguments);
        assertEquals(0, cli.status(), cli.err());
        return cli;
    }
}
