package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries that the system lacks, from a class path laid out as JavaCPP's redistributable jar is. */
class CudaLibrariesTest {

    private static final String CUDNN = "libcudnn.so.9";

    @TempDir
    private Path folder;

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    /** What the backend finds of cuDNN. */
    static final class Found {

        public static void main(String[] args) {
            System.out.println(Cuda.findings().get("cudnn"));
        }
    }

    /** The backend without the libraries that lie beside it in the build. */
    private String found(String... classPath) throws IOException {
        Path library = Path.of(EmulatedCuda.library());
        Path backend = folder.resolve(library.getFileName());
        if (!Files.exists(backend)) {
            Files.copy(library, backend);
        }
        List<String> path = new ArrayList<>(List.of(System.getProperty("java.class.path")));
        path.addAll(List.of(classPath));
        EmulatedCuda run = EmulatedCuda.run(Map.of("LD_LIBRARY_PATH", ""),
            List.of("-D" + Cuda.LIBRARY_PROPERTY + "=" + backend, "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"), "-cp", String.join(File.pathSeparator, path)),
            Found.class);
        assertEquals(0, run.status(), run.err());
        return run.out().strip();
    }

    @Test
    void areTakenFromTheClassPathWhereTheSystemHasNone() throws IOException {
        assertEquals("absent: no " + CUDNN + " was found; install cuDNN 9", found());
        Path redistributed = Files.createDirectories(folder.resolve("jar/org/bytedeco/cuda").resolve(Loader.getPlatform()));
        Files.copy(Path.of(EmulatedCuda.library()).resolveSibling(CUDNN), redistributed.resolve(CUDNN));
        String found = found(folder.resolve("jar").toString());
        assertTrue(found.startsWith("present: 9."), found);
    }
}
