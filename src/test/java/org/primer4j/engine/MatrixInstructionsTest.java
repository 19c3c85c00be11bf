package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.TestDevices;

/** The emulation's tensor cores, fragments and asynchronous copies are what CUDA says (src/test/cpp/mma_test.cu). */
class MatrixInstructionsTest {

    @Test
    void areThePlainProducts() throws IOException, InterruptedException {
        assumeTrue(TestDevices.hasCuda());
        Path library = Path.of(System.getProperty(Cuda.LIBRARY_PROPERTY));
        assumeTrue(library.getFileName().toString().contains("emulated"), "a GPU's are checked by gpu-check");
        Process process = new ProcessBuilder(library.resolveSibling("primer_mma_test").toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
