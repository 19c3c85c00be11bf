package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.TestDevices;

/** Attention by cuDNN's graphs against float64, computed by a stand-in for cuDNN (src/test/cpp/cudnn). */
class CudnnAttentionTest {

    private Path library;

    @BeforeEach
    void findEmulation() {
        assumeTrue(TestDevices.hasCuda());
        library = Path.of(System.getProperty(Cuda.LIBRARY_PROPERTY));
        assumeTrue(library.getFileName().toString().contains("emulated"), "a GPU's cuDNN is checked by docs/cuda-cudnn.md's commands");
    }

    @Test
    void itsGraphsComputeAttentionAndItsGradients() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(library.resolveSibling("primer_cudnn_check").toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("decoder behind a cache:"), output);
    }

    @Test
    void reportNamesItsVersion() {
        assertTrue(Cuda.findings().get("cudnn").startsWith("present: 9."), Cuda.findings().toString());
    }
}
