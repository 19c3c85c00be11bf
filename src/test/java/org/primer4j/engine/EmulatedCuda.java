package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.primer4j.ChildJvm;

/**
 * A JVM of its own on the emulated device, with the states and faults that the environment asks of it (src/test/cpp/emulation/runtime.cpp).
 *
 * @param status exit status
 * @param out    standard output
 * @param err    standard error
 */
public record EmulatedCuda(int status, String out, String err) {

    /** The emulated library; null where the tests run over another one, or over none. */
    public static String library() {
        String path = System.getProperty(Cuda.LIBRARY_PROPERTY);
        return path != null && path.endsWith("libprimer_cuda_emulated.so") ? path : null;
    }

    /** Fails where the emulated library is missing; skips the test where a GPU's own backend is what tests run over, as {@code benchmarks/gpu-check} has them. */
    public static void require() {
        String path = System.getProperty(Cuda.LIBRARY_PROPERTY);
        assumeFalse(path != null && path.endsWith("libprimer_cuda.so"), "the GPU's own backend has no emulated states");
        assertNotNull(library(), "the emulated library is part of the test build");
    }

    /** Runs a class's main. */
    public static EmulatedCuda run(Map<String, String> environment, Class<?> main, Object... arguments) {
        return run(environment, List.of("-D" + Cuda.LIBRARY_PROPERTY + "=" + library()), main, arguments);
    }

    /** Runs a class's main with options of the JVM. */
    public static EmulatedCuda run(Map<String, String> environment, List<String> options, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
        command.addAll(ChildJvm.options());
        command.addAll(options);
        command.add(main.getName());
        List.of(arguments).forEach(argument -> command.add(argument.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try {
            Path err = Files.createTempFile("primer", ".err");
            Process process = builder.redirectError(err.toFile()).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it goes on: " + command);
            }
            String text = Files.readString(err);
            Files.delete(err);
            return new EmulatedCuda(process.exitValue(), out, text);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
