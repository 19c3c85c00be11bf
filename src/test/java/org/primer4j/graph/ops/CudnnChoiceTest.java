package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Cuda;
import org.primer4j.engine.Device;
import org.primer4j.engine.EmulatedCuda;
import org.primer4j.graph.Batch;

/** PRIMER_CUDA_ATTENTION, which a process is told: each in a JVM of its own on the emulated device, where a stand-in is cuDNN. */
class CudnnChoiceTest {

    private static final String CHOICE = "PRIMER_CUDA_ATTENTION";

    /** P, dS and each result are rounded to bf16 once, at most 2^-8 each: src/test/cpp/cudnn/check.cpp. */
    private static final double TOLERANCE = 3.0 / 256;

    private static final AttentionCases SELF = new AttentionCases("2 heads of 32", new Attention(2, false, 0.18, null), 32, null, 0, "qkv");
    private static final AttentionCases CAUSAL = new AttentionCases("3 heads of 16, causal", new Attention(3, true, 0.25, null), 16, null, 0, "qkv");
    private static final AttentionCases CROSS =
        new AttentionCases("1 head of 64, cross", new Attention(1, false, 0.125, null), 64, AttentionCases.ANY_KEYS, 0, "qkv");
    private static final AttentionCases ODD = new AttentionCases("3 heads of 5", new Attention(3, false, 0.4, null), 5, null, 0, "qkv");
    private static final Batch LANES = Batch.of(new int[] {13, 1}, new int[] {}, new int[] {35, 7});
    /** Of the same bucket: the graph that was captured for the lanes above is replayed. */
    private static final Batch FEWER = Batch.of(new int[] {9, 3}, new int[] {2}, new int[] {20});

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    /** What cuDNN computes it rounds to bf16; our own kernels' outputs are float32. */
    private static boolean isByCudnn(AttentionCases c) {
        double[] y = Bf16AttentionTest.check(c, c == CROSS ? List.of(c.extend(LANES)) : List.of(c.extend(LANES), c.extend(FEWER)), TOLERANCE).get("y");
        return Arrays.stream(y).allMatch(v -> (Float.floatToRawIntBits((float) v) & 0xFFFF) == 0);
    }

    /** Says who computed each case, of all or of those named, and what the device chose; {@code benchmarks/gpu-check} runs it on a GPU. */
    static final class Computed {

        public static void main(String[] names) {
            Stream.of(SELF, CAUSAL, CROSS, ODD).filter(c -> names.length == 0 || List.of(names).contains(c.name()))
                .forEach(c -> System.out.println(c.name() + " by " + (isByCudnn(c) ? "cuDNN" : "own")));
            Device.cuda(0).choices().forEach(System.out::println);
            System.out.println(Device.cuda(0));
        }
    }

    private static List<String> lines(Map<String, String> environment, AttentionCases... cases) {
        EmulatedCuda run = EmulatedCuda.run(environment, Computed.class, Stream.of(cases).map(AttentionCases::name).toArray());
        assertEquals(0, run.status(), run.err());
        return run.out().lines().toList();
    }

    private static String failure(Map<String, String> environment) {
        EmulatedCuda run = EmulatedCuda.run(environment, Computed.class, SELF.name());
        assertNotEquals(0, run.status(), run.out());
        return run.err();
    }

    private static long count(List<String> lines, String text) {
        return lines.stream().filter(line -> line.contains(text)).count();
    }

    @Test
    void ownKernelsComputeUnlessAnotherIsAskedFor() {
        List<String> lines = lines(Map.of(), SELF);
        assertEquals(List.of("2 heads of 32 by own"), lines.subList(0, lines.size() - 1));
    }

    @Test
    void cudnnComputesWhatItTakes() {
        List<String> lines = lines(Map.of(CHOICE, "cudnn"), SELF, CAUSAL, CROSS, ODD);
        assertEquals(List.of("2 heads of 32 by cuDNN", "3 heads of 16, causal by cuDNN", "1 head of 64, cross by cuDNN", "3 heads of 5 by own"), lines.subList(0, 4));
        assertEquals(6, count(lines, ": cudnn, as asked for"), lines.toString());
        assertTrue(lines.get(lines.size() - 1).contains(", attention by cuDNN 9."), lines.toString());
    }

    @Test
    void measuredTakesTheFaster() {
        List<String> lines = lines(Map.of(CHOICE, "measured"), SELF, CAUSAL, CROSS);
        Pattern pattern = Pattern.compile(".*: (cudnn|own), measured: cudnn ([0-9.e+]+) us, own ([0-9.e+]+) us, [0-9.e-]+ apart");
        List<Matcher> choices = lines.stream().map(pattern::matcher).filter(Matcher::matches).toList();
        assertEquals(6, choices.size(), lines.toString());
        choices.forEach(m -> assertEquals(Double.parseDouble(m.group(2)) < Double.parseDouble(m.group(3)) ? "cudnn" : "own", m.group(1), m.group()));
    }

    @Test
    void aSlowCudnnIsNotTaken() {
        List<String> lines = lines(Map.of(CHOICE, "measured", "PRIMER_STAND_IN_MILLISECONDS", "1500"), SELF);
        assertEquals("2 heads of 32 by own", lines.get(0));
        assertEquals(2, count(lines, ": own, measured"), lines.toString());
    }

    @Test
    void wrongResultsEndTheTrial() {
        String err = failure(Map.of(CHOICE, "measured", "PRIMER_STAND_IN_WRONG", "1"));
        assertTrue(err.contains("attention: cuDNN's results and those of our own kernels are "), err);
        assertTrue(err.contains("PRIMER_CUDA_ATTENTION=own computes without it"), err);
    }

    /** The check of these tests can fail. */
    @Test
    void wrongResultsAreSeen() {
        String err = failure(Map.of(CHOICE, "cudnn", "PRIMER_STAND_IN_WRONG", "1"));
        assertTrue(err.contains("relative error"), err);
    }

    @Test
    void anotherWordIsRefused() {
        String err = failure(Map.of(CHOICE, "mine"));
        assertTrue(err.contains("PRIMER_CUDA_ATTENTION is 'mine'; expected own, cudnn or measured"), err);
    }

    @Test
    void withoutCudnnItIsRefused(@TempDir Path alone) throws IOException {
        Path library = Path.of(EmulatedCuda.library());
        Path copy = Files.copy(library, alone.resolve(library.getFileName()));
        EmulatedCuda run = EmulatedCuda.run(Map.of(CHOICE, "cudnn", "LD_LIBRARY_PATH", ""), List.of("-D" + Cuda.LIBRARY_PROPERTY + "=" + copy), Computed.class, SELF.name());
        assertTrue(run.err().contains("cuDNN, which PRIMER_CUDA_ATTENTION asks for, cannot be used: no libcudnn.so.9 was found; install cuDNN 9"), run.err());
    }
}
