package org.primer4j.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long seconds;
    private final Progress lines = new LineProgress(out, () -> seconds * 1_000_000_000L);

    private List<String> printed() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void step(long second, long done, String message) {
        seconds = second;
        lines.step(done, message);
    }

    @Test
    void printsOneLineInFiveSecondsAndOneAtTheEnd() {
        lines.start("priming", 400);
        step(1, 10, "loss 0.900");
        step(4, 60, "loss 0.700");
        step(18, 120, "loss 0.512");
        step(22, 140, "loss 0.500");
        step(23, 200, "loss 0.450");
        step(60, 400, "loss 0.402");
        lines.close();
        lines.close();
        assertEquals(List.of(
                "priming 120/400 (30 %), loss 0.512, 0:42 left",
                "priming 200/400 (50 %), loss 0.450, 0:23 left",
                "priming 400/400 (100 %), loss 0.402, took 1:00"), printed());
    }

    @Test
    void aNewPhaseEndsTheOneBefore() {
        lines.start("priming", 2);
        step(1, 1, "");
        lines.start("tuning", 0);
        step(3700, 7, "");
        lines.close();
        assertEquals(List.of("priming 1/2 (50 %), took 0:01", "tuning 7", "tuning 7, took 1:01:39"), printed());
    }

    @Test
    void aWarningIsPrintedAtOnce() {
        lines.start("tuning", 10);
        lines.warn("mood 13 lora:\na run diverged");
        assertEquals(List.of("warning: mood 13 lora: a run diverged"), printed());
    }

    @Test
    void hostileTextStaysOnItsLine() {
        lines.start("a\r\nb\u001b[2J", 1);
        step(9, 1, "x\ny\u202e\u2028z");
        lines.close();
        assertEquals(List.of("a b [2J 1/1 (100 %), x y z, took 0:09"), printed());
    }

    @Test
    void aStepNeedsAPhase() {
        assertThrows(IllegalStateException.class, () -> lines.step(1, ""));
        assertThrows(IllegalStateException.class, () -> new BarProgress(out).step(1, ""));
    }

    @Test
    void theBarEndsWithAllStepsDone() {
        try (Progress bar = new BarProgress(out)) {
            bar.start("priming", 40);
            for (int step = 1; step <= 40; step++) {
                bar.step(step, "loss 0.402");
            }
        }
        String last = bytes.toString(StandardCharsets.UTF_8).replaceAll("(?s).*\r(?=[^\r\n])", "").strip();
        assertTrue(last.startsWith("priming") && last.contains("100%") && last.contains("40/40")
                && last.contains("loss 0.402"), last);
        assertTrue(last.length() < 80, last);
    }

    @Test
    void theBarTakesAnyWidth() {
        assertEquals(119, BarProgress.width("120"));
        for (String columns : new String[] {null, "", "0", "-3", "x", "99999999999"}) {
            assertEquals(79, BarProgress.width(columns), columns);
        }
    }

    @Test
    void knowsATerminal() {
        assertTrue(Terminal.isTerminalDevice("/dev/pts/3") && Terminal.isTerminalDevice("/dev/tty1"));
        for (String target : List.of("/dev/null", "pipe:[123]", "/home/a/log.txt", "socket:[1]", "")) {
            assertFalse(Terminal.isTerminalDevice(target), target);
        }
        assertTrue(Terminal.isPlainWanted(Map.of("CI", "true")) && Terminal.isPlainWanted(Map.of("TERM", "dumb"))
                && Terminal.isPlainWanted(Map.of("NO_COLOR", "1")));
        assertFalse(Terminal.isPlainWanted(Map.of("TERM", "xterm", "NO_COLOR", "")));
    }

    @Test
    void silentPrintsNothing() {
        PrintStream before = System.err;
        System.setErr(out);
        try (Progress silent = Progress.silent()) {
            silent.start("priming", 1);
            silent.step(1, "loss");
        } finally {
            System.setErr(before);
        }
        assertEquals(List.of(), printed());
    }
}
