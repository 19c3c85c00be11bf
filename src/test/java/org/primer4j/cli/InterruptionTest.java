package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;

/** Ctrl-C and SIGTERM while priming, in a JVM of its own. */
@EnabledOnOs(OS.LINUX)
class InterruptionTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void anInterruptedPrimingLeavesNothing(String signal, int status) throws Exception {
        Path out = folder.resolve("out");
        Path log = folder.resolve("log");
        // A shell's background job ignores SIGINT, and so would its children.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("prime", "--model", TinyModel.write(folder, 1).toString(), "--gym", TinyGym.write(folder).toString(), "--samples", "13",
            "--max-length", "32", "--steps", "1000000", "--threads", "1", "--out", out.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            awaitWork(process, log, out);
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS), "it goes on");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(log);
        assertEquals(status, process.exitValue(), said);
        assertTrue(said.contains("interrupted; nothing was written to " + out), said);
        assertFalse(said.contains("\tat "), said);
        assertFalse(Files.exists(out), said);
    }

    // The staging folder is made just before rows are read; the first steps follow at once.
    private static void awaitWork(Process process, Path log, Path out) throws IOException, InterruptedException {
        for (int i = 0; i < 600 && !holdsSomething(out); i++) {
            assertTrue(process.isAlive(), () -> read(log));
            Thread.sleep(100);
        }
        Thread.sleep(2000);
        assertTrue(process.isAlive(), () -> read(log));
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean holdsSomething(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(out)) {
            return entries.findAny().isPresent();
        }
    }
}
