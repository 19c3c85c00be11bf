package org.primer4j.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage ends in time, and whatever goes wrong in it is said. */
class StageTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private StageResult run(Duration left, Stage.Body body) {
        return Stage.alone("one", 60, body).run(new Setting(folder, folder, true, true, ""), left);
    }

    private Tool tool() {
        return new Tool(folder, folder, Map.of());
    }

    @Test
    void whatIsThrownIsAProblem() {
        StageResult result = run(MINUTE, (setting, findings, limit) -> {
            findings.note("begun");
            throw new IOException("disk full");
        });
        assertEquals(StageResult.Status.FAILED, result.status());
        assertEquals(List.of("disk full"), result.problems());
        assertEquals(List.of("begun"), result.notes());
    }

    @Test
    void whatIsNotForARehearsalIsLeftOut() {
        StageResult result = run(MINUTE, (setting, findings, limit) -> setting.needsGpu("no GPU"));
        assertEquals(StageResult.Status.LEFT_OUT, result.status());
        assertEquals(List.of("no GPU"), result.problems());
    }

    @Test
    void withoutTimeItFails() {
        StageResult result = run(Duration.ZERO, (setting, findings, limit) -> findings.note("ran"));
        assertEquals(StageResult.Status.FAILED, result.status());
        assertEquals(List.of("no time was left for it"), result.problems());
        assertTrue(result.notes().isEmpty());
    }

    @Test
    void aStageMayTakeItsLimitOrWhatIsLeft() {
        assertEquals(60, run(Duration.ofHours(1), (setting, findings, limit) -> assertEquals(MINUTE, limit)).limit());
        assertEquals(5, run(Duration.ofSeconds(5), (setting, findings, limit) -> assertEquals(Duration.ofSeconds(5), limit)).limit());
    }

    @Test
    void aProgramPastItsLimitIsEndedWithAllItStarted() throws Exception {
        long start = System.nanoTime();
        Tool.Ended ended = tool().run("slow", Duration.ofMillis(300), List.of("sh", "-c", "echo begun; sleep 61.5 & sleep 62.5"));
        assertTrue(ended.outOfTime());
        assertFalse(ended.succeeded());
        assertEquals("begun", ended.last());
        assertTrue(ended.problem().startsWith("slow ran out of time"), ended.problem());
        assertTrue(Duration.ofNanos(System.nanoTime() - start).compareTo(Duration.ofSeconds(30)) < 0);
        assertTrue(stopped("sleep 61.5") && stopped("sleep 62.5"));
    }

    // A process that was ended goes a little later.
    private static boolean stopped(String command) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                if (all.noneMatch(p -> p.info().commandLine().orElse("").endsWith(command))) {
                    return true;
                }
            }
            Thread.sleep(50);
        }
        return false;
    }

    @Test
    void aProgramThatFailsSaysWhy() throws Exception {
        Tool.Ended ended = tool().run("broken", MINUTE, List.of("sh", "-c", "echo out; echo why >&2; exit 3"));
        assertEquals(3, ended.status());
        assertEquals("broken ended with 3: why", ended.problem());
    }

    @Test
    void aProgramThatIsNotThereIsAFailure() throws Exception {
        Tool.Ended ended = tool().run("missing", MINUTE, List.of("no-such-program"));
        assertFalse(ended.succeeded());
        assertTrue(ended.problem().contains("no-such-program"), ended.problem());
    }
}
