package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Cuda;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;

/** Our own products with bf16 weights on CUDA, which a process chooses by PRIMER_CUDA_PRODUCTS, are those of the rounded factors too, a head's among them. */
public class OwnProductsTest {

    /** In a process of its own: a failed check ends it with its trace. */
    public static void main(String[] arguments) throws Throwable {
        Stream<DynamicTest> dense = new Bf16ProductsTest().areThoseOfRoundedFactors()
            .filter(t -> t.getDisplayName().contains("[[5, 1, 33]]") || t.getDisplayName().contains("[[207]]") || t.getDisplayName().contains("[], "));
        Bf16HeadTest head = new Bf16HeadTest();
        Stream<DynamicTest> lanes = head.isThatOfRoundedFactors().filter(t -> t.getDisplayName().contains("[], "));
        List<DynamicTest> tests = Stream.of(dense, lanes, head.isThatOfRoundedFactorsOverAWideVocabulary(), head.roundsItsFactorsOnce())
            .flatMap(all -> all).toList();
        for (DynamicTest test : tests) {
            test.getExecutable().execute();
        }
        System.out.println(tests.size() + " passed, " + TestDevices.graphsOnCuda() + " on CUDA");
        try {
            Device tf32 = Device.cuda(0).withWeights(WeightType.TF32);
            new Bf16ProductsTest().productOn(tf32);
        } catch (RuntimeException e) {
            System.out.println(e.getMessage());
        }
    }

    private static String run(String products) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-D" + Cuda.LIBRARY_PROPERTY + "=" + System.getProperty(Cuda.LIBRARY_PROPERTY), "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), OwnProductsTest.class.getName());
        builder.environment().put("PRIMER_CUDA_PRODUCTS", products);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void areThoseOfRoundedFactors() throws Exception {
        assumeTrue(TestDevices.hasCuda());
        String output = run("own");
        assertTrue(output.contains("45 passed, 36 on CUDA"), output);
        assertTrue(output.contains("compute in fp32 and bf16 alone"), output);
    }

    @Test
    void otherKindsAreRefused() throws Exception {
        assumeTrue(TestDevices.hasCuda());
        String output = run("mine");
        assertEquals(1, output.lines().filter(l -> l.startsWith("Exception") && l.contains("PRIMER_CUDA_PRODUCTS is 'mine'; expected cublaslt or own")).count(), output);
    }
}
