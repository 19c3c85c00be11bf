package org.primer4j.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.CellResult;
import org.primer4j.training.CurvePoint;

/** A study of small fake cells in a JVM of its own, to be killed. Writes a line to a log before and after each cell's work. */
final class CellWorker {

    static final int CELLS = 30;
    static final Map<String, Object> SETTINGS = Map.of("steps", 3);

    private static final int NUMBERS = 100_000;

    private CellWorker() {
    }

    public static void main(String[] arguments) throws Exception {
        Path log = Path.of(arguments[1]);
        try (CellStore store = CellStore.open(Path.of(arguments[0]), SETTINGS)) {
            for (int cell = 0; cell < CELLS; cell++) {
                if (store.find(key(cell)).isEmpty()) {
                    say(log, "start " + cell);
                    Thread.sleep(5);
                    store.put(key(cell), result(cell), tensors(cell));
                    say(log, "stored " + cell);
                }
            }
        }
    }

    static CellKey key(int cell) {
        return new CellKey("task", 13, "c0ffee", "lora", 1e-4 * (cell + 1), 8, RunResult.PRIMED, 1);
    }

    static CellResult result(int cell) {
        return new CellResult(cell / 7.0, 0, null, List.of(new CurvePoint(3, 1.0 / (cell + 1), cell / 7.0)), cell);
    }

    static Map<String, TensorData> tensors(int cell) {
        float[] values = new float[NUMBERS];
        Arrays.fill(values, cell);
        return Map.of("tensor", TensorData.of(new long[] {NUMBERS}, values));
    }

    private static void say(Path log, String line) throws IOException {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
