package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.model.io.TensorData;

class SharedCellsTest {

    record Outcome(double score, List<Integer> numbers) {
    }

    private static final ContentKey KEY = new ContentKey(Map.of("task", "trec", "rate", 1e-3));
    private static final ContentKey OTHER = new ContentKey(Map.of("task", "trec", "rate", 2e-3));
    private static final Outcome OUTCOME = new Outcome(1 / 3.0, List.of(1, 2));
    private static final float[] NUMBERS = {1, 2.5f, -3};

    @TempDir
    Path folder;
    private final List<String> warnings = new ArrayList<>();
    private SharedCells cells;

    @BeforeEach
    void open() {
        cells = SharedCells.open(folder, warnings::add);
    }

    @AfterEach
    void close() {
        cells.close();
    }

    private void reopen() {
        cells.close();
        open();
    }

    private void put(ContentKey key, Map<String, TensorData> parameters) {
        try (SharedCells.Claim claim = cells.claim(key)) {
            assertNotNull(claim);
            cells.put(key, OUTCOME, parameters);
        }
    }

    private static Map<String, TensorData> parameters() {
        return Map.of("a", TensorData.of(new long[] {3}, NUMBERS));
    }

    private Path place(ContentKey key) {
        return folder.resolve("cells").resolve(key.sha256());
    }

    @Test
    void aKeyIsItsContent() {
        Map<String, Object> fields = new LinkedHashMap<>(KEY.fields());
        assertEquals(KEY.sha256(), new ContentKey(fields).sha256());
        assertNotEquals(KEY.sha256(), OTHER.sha256());
        assertEquals(new ContentKey(map("a", 1, "b", List.of(map("c", 2, "d", 3)))).sha256(),
            new ContentKey(map("b", List.of(map("d", 3, "c", 2)), "a", 1)).sha256(), "a map's order may differ from one JVM to the next");
        assertEquals(new ContentKey(Map.of("x", 0.1f)).sha256(), new ContentKey(Map.of("x", 0.1)).sha256(), "a float's text counts");
    }

    private static Map<String, Object> map(String first, Object firstValue, String second, Object secondValue) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, firstValue);
        map.put(second, secondValue);
        return map;
    }

    @Test
    void aCellIsFoundAsItWasPut() {
        assertTrue(cells.find(KEY, Outcome.class).isEmpty());
        put(KEY, parameters());
        reopen();
        StoredCell<ContentKey, Outcome> cell = cells.find(KEY, Outcome.class).orElseThrow();
        assertEquals(OUTCOME, cell.result());
        assertArrayEquals(NUMBERS, cell.parameters().get("a").floats());
        assertFalse(cells.has(OTHER));
    }

    @Test
    void forgettingKeepsTheResultAndPuttingReplacesIt() {
        put(KEY, parameters());
        try (SharedCells.Claim claim = cells.claim(KEY)) {
            cells.forget(cells.find(KEY, Outcome.class).orElseThrow());
        }
        assertFalse(cells.find(KEY, Outcome.class).orElseThrow().hasParameters());
        put(KEY, parameters());
        assertTrue(cells.find(KEY, Outcome.class).orElseThrow().hasParameters());
    }

    @Test
    void forgettingRemovesWhatAKillLeft() throws IOException {
        put(KEY, Map.of());
        Files.writeString(place(KEY).resolve("parameters.safetensors"), "of a cell that was forgotten");
        Files.writeString(place(KEY).resolve(".cell.json.1.tmp"), "half");
        try (SharedCells.Claim claim = cells.claim(KEY)) {
            cells.forget(cells.find(KEY, Outcome.class).orElseThrow());
        }
        assertArrayEquals(new String[] {"cell.json"}, place(KEY).toFile().list());
        assertEquals(OUTCOME, cells.find(KEY, Outcome.class).orElseThrow().result());
    }

    @Test
    void onlyWhoClaimsACellMakesIt() {
        assertThrows(IllegalStateException.class, () -> cells.put(KEY, OUTCOME, Map.of()));
        try (SharedCells.Claim claim = cells.claim(KEY)) {
            assertNotNull(claim);
            assertNull(cells.claim(KEY), "it is taken");
            assertFalse(cells.isFree(KEY));
            assertTrue(cells.isFree(OTHER));
        }
        assertTrue(cells.isFree(KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cell.json", "parameters.safetensors"})
    void aDamagedCellIsMovedAside(String damaged) throws IOException {
        put(KEY, parameters());
        byte[] bytes = Files.readAllBytes(place(KEY).resolve(damaged));
        bytes[bytes.length - 5] ^= 1;
        Files.write(place(KEY).resolve(damaged), bytes);
        assertTrue(cells.find(KEY, Outcome.class).isEmpty());
        assertFalse(cells.has(KEY));
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("a cell was damaged and is made again") && warnings.get(0).contains(damaged), warnings.toString());
        put(KEY, parameters());
        assertEquals(OUTCOME, cells.find(KEY, Outcome.class).orElseThrow().result());
    }

    @Test
    void aCellInAnothersPlaceIsDamaged() throws IOException {
        put(KEY, Map.of());
        Files.move(place(KEY), place(OTHER));
        assertTrue(cells.find(OTHER, Outcome.class).isEmpty());
        assertEquals(1, warnings.size(), warnings.toString());
    }

    @Test
    void aScratchStaysUntilItsCellIsThere() throws IOException {
        Path scratch;
        try (SharedCells.Claim claim = cells.claim(KEY)) {
            scratch = Files.createDirectories(cells.scratch(KEY).resolve("deep")).getParent();
        }
        Path torn = Files.createDirectories(folder.resolve("cells").resolve("." + OTHER.sha256() + ".0-1-2.tmp"));
        reopen();
        assertTrue(Files.exists(scratch), "a killed process's");
        assertFalse(Files.exists(torn), "a killed process's cell");
        put(KEY, Map.of());
        assertFalse(Files.exists(scratch));
        Files.createDirectories(scratch);
        reopen();
        assertFalse(Files.exists(scratch), "left by a kill between cell and scratch");
    }

    @Test
    void whatCannotBeWrittenIsOneSentence() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        String said = assertThrows(WriteException.class, () -> SharedCells.open(file, warnings::add)).getMessage();
        assertTrue(said.startsWith(file + ": cannot be written (") && said.endsWith("."), said);
    }
}
