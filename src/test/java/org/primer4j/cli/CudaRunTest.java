package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.TensorData;
import org.primer4j.priming.PrimedFolder;

/** Whole runs on a CUDA device, emulated in {@code mvn verify}, beside the same runs on the CPU. */
class CudaRunTest {

    /**
     * How far sums in another order carry these runs, as a share of what they move: about twice what the CPU's own kernels for avx2 and for
     * avx512 are apart (FOMAML 1.9e-4, multi-task 2.2e-5, Reptile 3.6e-6). AdamW moves a weight by its rate even where its gradient is rounding alone.
     */
    private static final double FOMAML = 4e-4;
    private static final double MULTI_TASK = 6e-5;
    private static final double REPTILE = 1e-5;
    private static final List<String> DEVICES = List.of("cpu", "cuda:0");

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

    private static Results tune(String device) {
        Path out = folder.resolve("tune" + device.charAt(1));
        done("tune", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--max-tokens", 256, "--steps", 6, "--batch", 4, "--rates", "1e-3",
            "--evaluate-every", 3, "--method", "lora,houlsby,bitfit", "--bottleneck", 5, "--rank", 3, "--device", device, "--dtype", "fp32", "--out", out);
        return ResultsFile.read(out.resolve("results.json"));
    }

    @Test
    void tuningComesToTheSameScores() {
        List<Results> results = DEVICES.stream().map(CudaRunTest::tune).toList();
        assertEquals(results.get(0).runs().stream().map(RunResult::testScore).toList(), results.get(1).runs().stream().map(RunResult::testScore).toList());
        assertTrue(results.get(1).device().startsWith("cuda:0 ("), results.get(1).device());
    }
}
