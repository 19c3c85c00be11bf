package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cmake/find_cuda.cmake makes of machines without an nvcc that will do: it says so, and where CUDA was asked for the build ends with that. */
class FindCudaTest {

    private record Ended(int status, String out) {

        String last() {
            return out.strip().replaceAll("\\s+", " ");
        }
    }

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("CMakeLists.txt"), """
            cmake_minimum_required(VERSION 3.20)
            project(asked NONE)
            include(%s)
            message(STATUS "obstacle: ${PRIMER_CUDA_OBSTACLE}")
            """.formatted(Path.of("cmake/find_cuda.cmake").toAbsolutePath()));
    }

    private Path nvcc(String script) throws IOException {
        Path file = Files.writeString(folder.resolve("nvcc"), "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    // With CUDACXX, or on a path that has no compiler.
    private Ended configure(String asked, Path nvcc) throws IOException, InterruptedException {
        List<String> without = List.of("-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF", "-S", folder.toString(), "-B", folder.resolve("build").toString());
        String path = Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).filter(place -> !Files.exists(Path.of(place, "nvcc")))
            .collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder builder = new ProcessBuilder("cmake", "-DPRIMER_CUDA=" + asked).redirectErrorStream(true);
        builder.command().addAll(without);
        builder.environment().put("PATH", path);
        builder.environment().remove("CUDACXX");
        if (nvcc != null) {
            builder.environment().put("CUDACXX", nvcc.toString());
        }
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out);
    }

    private void isAnObstacle(Path nvcc, String obstacle) throws IOException, InterruptedException {
        Ended auto = configure("auto", nvcc), on = configure("on", nvcc);
        assertEquals(0, auto.status(), auto.out());
        assertTrue(auto.out().contains("obstacle: " + obstacle + System.lineSeparator()), auto.out());
        assertNotEquals(0, on.status(), on.out());
        assertTrue(on.last().contains("The CUDA backend was asked for, and " + obstacle + "."), on.out());
    }

    @Test
    void withoutNvcc() throws Exception {
        isAnObstacle(null, "nvcc is not on the path");
    }

    @Test
    void withAnNvccThatDoesNotRun() throws Exception {
        Path broken = nvcc("echo release 13.0; exit 1");
        isAnObstacle(broken, broken + " does not say its version");
    }

    @Test
    void withAnNvccThatSaysSomethingElse() throws Exception {
        Path other = nvcc("echo 'a compiler, version 13'");
        isAnObstacle(other, other + " does not say its version");
    }

    @Test
    void withAnNvccThatIsTooOld() throws Exception {
        isAnObstacle(nvcc("echo 'Cuda compilation tools, release 11.8, V11.8.89'"), "nvcc 11.8 is older than 12.0");
    }

    @Test
    void switchedOffItIsNotLookedFor() throws Exception {
        Ended off = configure("off", nvcc("touch " + folder.resolve("asked")));
        assertTrue(off.status() == 0 && off.out().contains("obstacle: it was switched off"), off.out());
        assertTrue(Files.notExists(folder.resolve("asked")));
    }
}
