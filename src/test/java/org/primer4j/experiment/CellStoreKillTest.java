package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.training.CellResult;

/** A study that is killed (SIGKILL) again and again goes on where it was. */
class CellStoreKillTest {

    private static final int KILLS = 6;

    @TempDir
    Path temp;

    @Test
    void aKilledStudyGoesOnWithoutRedoingFinishedCells() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int kill = 0; kill < KILLS; kill++) {
            killAfter(random.nextInt(1, 5), random.nextInt(25));
        }
        Process last = start();
        assertTrue(last.waitFor(60, TimeUnit.SECONDS), "it goes on");
        assertEquals(0, last.exitValue(), () -> "seed " + seed + ": " + said());
        checkLog("seed " + seed);
        checkCells();
    }

    /** Kills the study some time after its log has grown by some lines, or lets it end before. */
    private void killAfter(int lines, int milliseconds) throws Exception {
        int target = log().size() + lines;
        Process process = start();
        try {
            while (process.isAlive() && log().size() < target) {
                Thread.sleep(1);
            }
            Thread.sleep(milliseconds);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
            System.getProperty("java.class.path"), CellWorker.class.getName(), temp.resolve("cells").toString(), temp.resolve("log").toString())
            .redirectErrorStream(true).redirectOutput(temp.resolve("said").toFile()).start();
    }

    private List<String> log() throws IOException {
        return Files.exists(temp.resolve("log")) ? Files.readAllLines(temp.resolve("log")) : List.of();
    }

    private String said() {
        try {
            return Files.readString(temp.resolve("said"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    // A cell that a kill hit may be started again; one that is stored may not.
    private void checkLog(String seed) throws IOException {
        Set<String> stored = new HashSet<>();
        int starts = 0;
        for (String line : log()) {
            String cell = line.substring(line.indexOf(' ') + 1);
            if (line.startsWith("start ")) {
                starts++;
                assertFalse(stored.contains(cell), () -> seed + ": cell " + cell + " was done twice");
            } else {
                stored.add(cell);
            }
        }
        assertTrue(starts >= CellWorker.CELLS && starts <= CellWorker.CELLS + KILLS, seed + ": " + starts + " starts");
    }

    private void checkCells() throws IOException {
        try (CellStore store = CellStore.open(temp.resolve("cells"), CellWorker.SETTINGS)) {
            assertEquals(CellWorker.CELLS, store.size());
            for (int cell = 0; cell < CellWorker.CELLS; cell++) {
                StoredCell<CellKey, CellResult> found = store.find(CellWorker.key(cell)).orElseThrow();
                assertEquals(CellWorker.result(cell), found.result());
                assertArrayEquals(CellWorker.tensors(cell).get("tensor").floats(), found.parameters().get("tensor").floats());
            }
        }
        try (Stream<Path> entries = Files.list(temp.resolve("cells"))) {
            assertTrue(entries.noneMatch(entry -> entry.toString().endsWith(".tmp")));
        }
    }
}
