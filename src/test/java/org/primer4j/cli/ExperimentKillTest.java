package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.study.run.MicroStudy;

/** Experiments in JVMs of their own: killed, interrupted, two at once. {@code .ci/kill-study} does the same with a preset, by hand. */
@EnabledOnOs(OS.LINUX)
class ExperimentKillTest {

    private static final int KILLS = Integer.getInteger("primer4j.kills", 3);

    @TempDir
    static Path folder;
    private static Path file;
    private static Map<String, String> whole;

    @BeforeAll
    static void runUninterrupted() {
        file = MicroStudy.write(folder, MicroStudy.TEXT);
        Path out = folder.resolve("whole");
        Cli run = Cli.run("experiment", file, "--out", out, "--threads", 1);
        assertEquals(0, run.status(), run.err());
        whole = MicroStudy.lawful(out);
    }

    /** @param within a command that runs the rest of its line */
    private static Process start(Path out, String log, String... within) throws IOException {
        List<String> command = new ArrayList<>(List.of(within));
        // A shell's background job ignores SIGINT, and so would its children.
        command.addAll(List.of("env", "--default-signal=INT", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("experiment", file.toString(), "--out", out.toString(), "--threads", "1"));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(log).toFile()).start();
    }

    private static long cells(Path out) throws IOException {
        if (!Files.isDirectory(out.resolve("cells"))) {
            return 0;
        }
        try (Stream<Path> cells = Files.list(out.resolve("cells"))) {
            return cells.filter(cell -> !cell.getFileName().toString().startsWith(".")).count();
        }
    }

    /** Waits until some more cells are there, or the process ends. */
    private static void awaitCells(Process process, Path out, long more) throws IOException, InterruptedException {
        long target = cells(out) + more;
        while (process.isAlive() && cells(out) < target) {
            Thread.sleep(2);
        }
    }

    private static void requireDone(Process process, String log) throws Exception {
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it goes on");
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve(log)));
    }

    @Test
    void killedAndResumedIsTheSameBytesAsUninterrupted() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path out = folder.resolve("killed");
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(out, "log");
            try {
                awaitCells(process, out, random.nextInt(0, 6));
                Thread.sleep(random.nextInt(60));
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        requireDone(start(out, "log"), "log");
        assertEquals(whole, MicroStudy.lawful(out), "seed " + seed);
        try (Stream<Path> entries = Stream.concat(Files.list(out), Files.list(out.resolve("cells")))) {
            assertTrue(entries.noneMatch(entry -> entry.toString().endsWith(".tmp")), "seed " + seed);
        }
    }

    @Test
    void twoProcessesShareTheWork() throws Exception {
        Path out = folder.resolve("shared");
        Process first = start(out, "first");
        Process second = start(out, "second");
        requireDone(first, "first");
        requireDone(second, "second");
        assertEquals(whole, MicroStudy.lawful(out));
        assertFalse(Files.exists(out.resolve("damaged")));
    }

    /** Files above 16 KiB cannot be written, as if the disk were full: the primed model's. */
    @Test
    void aFullDiskIsOneSentenceAndNothingIsHalfWritten() throws Exception {
        Path out = folder.resolve("full");
        Process process = start(out, "full-log", "bash", "-c", "ulimit -f 16; exec \"$0\" \"$@\"");
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it goes on");
        String said = Files.readString(folder.resolve("full-log"));
        assertEquals(1, process.exitValue(), said);
        List<String> sentences = said.lines().filter(line -> line.startsWith("primer: ")).toList();
        assertEquals(1, sentences.size(), said);
        assertTrue(sentences.get(0).contains("cannot be written: File too large; expected a folder"), said);
        assertFalse(said.contains("\tat "), said);
        assertTrue(cells(out) > 0, "direct tuning was finished before");
        requireDone(start(out, "full-log"), "full-log");
        assertEquals(whole, MicroStudy.lawful(out));
    }

    @Test
    void anInterruptedStudySaysHowToGoOn() throws Exception {
        Path out = folder.resolve("interrupted");
        Process process = start(out, "interrupted-log");
        awaitCells(process, out, 1);
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "it goes on");
        String said = Files.readString(folder.resolve("interrupted-log"));
        if (process.exitValue() != 0) {
            assertEquals(130, process.exitValue(), said);
            assertTrue(said.contains("interrupted; " + out + " holds what is finished: the same command goes on there"), said);
            assertFalse(said.contains("\tat "), said);
        }
        assertEquals(0, Cli.run("experiment", file, "--out", out, "--threads", 1).status());
        assertEquals(whole, MicroStudy.lawful(out));
    }
}
