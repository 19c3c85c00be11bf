package org.primer4j.gpucheck;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the check runs.
 *
 * @param root of what was unpacked
 * @param logs of the programs it runs
 * @param emulated whether the device is the emulation of CUDA on the host
 * @param few whether a rehearsal takes few op tests and golden files
 * @param commit that was packed
 */
record Setting(Path root, Path logs, boolean emulated, boolean few, String commit) {

    private static final String PYTHON = "PRIMER_PYTHON";

    Path project() {
        return root.resolve("primer4j");
    }

    Path golden() {
        return root.resolve("shared/golden");
    }

    Path peer() {
        return root.resolve("shared/peer");
    }

    /** The CUDA backend's library: the one built here, or the one that was packed for the emulation. */
    Path library() {
        return emulated ? project().resolve("native/libprimer_cuda_emulated.so") : root.resolve("build/lib/libprimer_cuda.so");
    }

    Path build() {
        return root.resolve("build");
    }

    Tool tool() {
        return tool(Map.of());
    }

    Tool tool(Map<String, String> environment) {
        return new Tool(project(), logs, environment);
    }

    /** A Java program of the class path, on the device; {@code options} go to the JVM. */
    List<String> java(List<String> options, String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.cachedir=" + root.resolve("cache"), "-Dprimer.cuda.library=" + library(), "-Dprimer4j.commit=" + commit));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return command;
    }

    /** A command of the launcher. */
    List<String> primer(String... arguments) {
        return java(List.of("-Xmx2g"), "org.primer4j.cli.Main", List.of(arguments));
    }

    /** The Python that has PyTorch, which the ceilings and the peer need. */
    String python() {
        return Optional.ofNullable(System.getenv(PYTHON)).orElse("python3");
    }

    /** The same, where there is one: in a rehearsal it may be missing. */
    String pythonWithTorch() throws Exception {
        if (!tool().run("torch", Duration.ofMinutes(1), List.of(python(), "-c", "import torch")).succeeded()) {
            String why = "PyTorch is not here (" + PYTHON + " names a Python that has it)";
            if (emulated) {
                throw new Findings.LeftOut(why);
            }
            throw new IllegalStateException(why);
        }
        return python();
    }

    /** Leaves the stage out of a rehearsal. */
    void needsGpu(String why) {
        if (emulated) {
            throw new Findings.LeftOut(why);
        }
    }

    /** Fails, or in a rehearsal leaves the stage out, when a program is not on the path. */
    void needs(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return;
            }
        }
        throw new IllegalStateException(program + " is not on the path");
    }
}
