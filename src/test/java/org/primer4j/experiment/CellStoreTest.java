package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.CellResult;
import org.primer4j.training.CurvePoint;

class CellStoreTest {

    private static final Map<String, Object> SETTINGS = Map.of("steps", 1000,
            "training", Map.of("clip", 0.1, "dropout", 0.1), "samples", List.of(13, 21));
    private static final CellKey KEY = new CellKey("mood", 13, "c0ffee", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7);
    private static final CellResult RESULT = new CellResult(0.1 + 0.2, 1, null, List.of(new CurvePoint(1, 2.5, null), new CurvePoint(2, 1.25, 0.3)), 1.5);
    private static final Map<String, TensorData> TENSORS = Map.of("a", TensorData.of(new long[] {2, 2}, 1, -0f, Float.MIN_VALUE, 4),
        "b", TensorData.of(new long[] {1}, 3));

    @TempDir
    Path temp;

    private CellStore open() {
        return CellStore.open(temp.resolve("deep/cells"), SETTINGS);
    }

    @Test
    void whatWasPutIsFoundAfterOpeningAgain() {
        try (CellStore store = open()) {
            assertEquals(Optional.empty(), store.find(KEY));
            store.put(KEY, RESULT, TENSORS);
        }
        try (CellStore store = open()) {
            StoredCell<CellKey, CellResult> cell = store.find(KEY).orElseThrow();
            assertEquals(KEY, cell.key());
            assertEquals(RESULT, cell.result());
            assertEquals(TENSORS.keySet(), cell.parameters().keySet());
            assertArrayEquals(TENSORS.get("a").floats(), cell.parameters().get("a").floats());
            assertArrayEquals(new long[] {2, 2}, cell.parameters().get("a").shape());
            assertEquals(1, store.size());
        }
    }

    @Test
    void everyPartOfTheKeyCounts() {
        try (CellStore store = open()) {
            store.put(KEY, RESULT, TENSORS);
            for (CellKey other : List.of(new CellKey("mood", 13, "decaf", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7), new CellKey("moods", 13, "c0ffee", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7),
                    new CellKey("mood", 21, "c0ffee", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7),
                    new CellKey("mood", 13, "c0ffee", "lora", 1e-4, 4, RunResult.UNPRIMED, 7),
                    new CellKey("mood", 13, "c0ffee", "lora r=8", 2e-4, 4, RunResult.UNPRIMED, 7),
                    new CellKey("mood", 13, "c0ffee", "lora r=8", 1e-4, 8, RunResult.UNPRIMED, 7),
                    new CellKey("mood", 13, "c0ffee", "lora r=8", 1e-4, 4, RunResult.PRIMED, 7),
                    new CellKey("mood", 13, "c0ffee", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 8))) {
                assertEquals(Optional.empty(), store.find(other), other::toString);
            }
        }
    }

    @Test
    void otherSettingsAreRefusedByName() {
        open().close();
        assertRefused(() -> with("steps", 500), "steps 1000", "500", "store.json");
        assertRefused(() -> with("training", Map.of("clip", 0.2, "dropout", 0.1)), "training.clip 0.1", "0.2");
        assertRefused(() -> with("training", Map.of("clip", 0.1)), "training.dropout 0.1", "no such setting");
        assertRefused(() -> with("beams", 4), "beams no such setting", "4");
        assertRefused(() -> with("samples", List.of(21, 13)), "samples [13, 21]", "[21, 13]");
        with("steps", 1000);
    }

    private void with(String name, Object value) {
        Map<String, Object> settings = new LinkedHashMap<>(SETTINGS);
        settings.put(name, value);
        CellStore.open(temp.resolve("deep/cells"), settings).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cell.json", "parameters.safetensors"})
    void aChangedFileIsRefused(String name) throws IOException {
        try (CellStore store = open()) {
            store.put(KEY, RESULT, TENSORS);
            Path file = find(name);
            byte[] bytes = Files.readAllBytes(file);
            for (int at : new int[] {bytes.length / 2, bytes.length - 2}) {
                byte[] changed = bytes.clone();
                changed[at] ^= 1;
                Files.write(file, changed);
                assertRefused(() -> store.find(KEY), name, "delete the folder");
            }
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
            assertRefused(() -> store.find(KEY), name, "delete the folder");
            Files.delete(file);
            assertRefused(() -> store.find(KEY), name, "delete the folder");
            Files.write(file, bytes);
            assertTrue(store.find(KEY).isPresent());
        }
    }

    @Test
    void anotherCellsFolderIsRefused() throws IOException {
        CellKey other = new CellKey("mood", 21, "c0ffee", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7);
        try (CellStore store = open()) {
            store.put(KEY, RESULT, TENSORS);
            Path first = find("cell.json").getParent();
            store.put(other, RESULT, TENSORS);
            Files.delete(first.resolve("cell.json"));
            Files.delete(first.resolve("parameters.safetensors"));
            Files.delete(first);
            Path second = find("cell.json").getParent();
            Files.move(second, first);
            assertRefused(() -> store.find(KEY), "sample 21", "sample 13");
        }
    }

    @Test
    void aFinishedCellIsNotWrittenTwice() {
        try (CellStore store = open()) {
            store.put(KEY, RESULT, TENSORS);
            assertRefused(() -> store.put(KEY, RESULT, TENSORS), "not empty");
            assertRefused(() -> store.put(KEY, RESULT, Map.of()), "not empty");
        }
    }

    @Test
    void aForgottenCellKeepsItsResultAndMayBeWrittenAgain() throws IOException {
        CellResult diverged = new CellResult(null, 0, "step 1: the loss is NaN", List.of(), 1);
        CellKey other = new CellKey("mood", 13, "decaf", "lora r=8", 1e-4, 4, RunResult.UNPRIMED, 7);
        try (CellStore store = open()) {
            store.put(KEY, RESULT, TENSORS);
            store.put(other, diverged, Map.of());
            byte[] parameters = Files.readAllBytes(find("parameters.safetensors"));
            Path place = find("parameters.safetensors");
            store.forget(KEY);
            assertFalse(Files.exists(place));
            assertEquals(RESULT, store.find(KEY).orElseThrow().result());
            // As after a kill between the two files.
            Files.write(place, parameters);
            assertFalse(store.find(KEY).orElseThrow().hasParameters());
            store.forget(KEY);
            store.forget(other);
            assertFalse(Files.exists(place));
            assertEquals(diverged, store.find(other).orElseThrow().result());
            store.put(KEY, RESULT, TENSORS);
            assertArrayEquals(TENSORS.get("a").floats(), store.find(KEY).orElseThrow().parameters().get("a").floats());
            assertEquals(2, store.size());
        }
    }

    @Test
    void onlyOneUserAtATimeAndNoneAfterClosing() {
        CellStore store = open();
        assertRefused(this::open, "another run");
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, () -> store.find(KEY));
        open().close();
    }

    @Test
    void unfinishedCellsAreRemovedAndOtherFoldersLeftAlone() throws IOException {
        open().close();
        Path unfinished = Files.createDirectory(temp.resolve("deep/cells/.abc.tmp"));
        Files.writeString(unfinished.resolve("parameters.safetensors"), "half");
        Files.writeString(temp.resolve("deep/cells/.store.json.1.tmp"), "half");
        open().close();
        assertFalse(Files.exists(unfinished) || Files.exists(temp.resolve("deep/cells/.store.json.1.tmp")));
        Path mine = Files.createDirectory(temp.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "mine");
        assertRefused(() -> CellStore.open(mine, SETTINGS), "thesis.txt", "store.json");
        assertRefused(() -> CellStore.open(mine.resolve("thesis.txt"), SETTINGS), "thesis.txt");
    }

    @Test
    void aBrokenHeaderIsRefused() throws IOException {
        open().close();
        for (String text : List.of("", "{", "null", "{\"version\": 1, \"settings\": {}}",
                "{\"version\": 2}", "{\"version\": 2, \"settings\": {}, \"x\": 1}")) {
            Files.writeString(temp.resolve("deep/cells/store.json"), text);
            assertRefused(this::open, "store.json");
        }
    }

    private Path find(String name) throws IOException {
        try (Stream<Path> files = Files.walk(temp)) {
            return files.filter(file -> file.endsWith(name)).findFirst().orElseThrow();
        }
    }

    private static void assertRefused(Executable call, String... parts) {
        String message = assertThrows(BadInputException.class, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
        assertEquals(1, message.lines().count(), message);
    }
}
