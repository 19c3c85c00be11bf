package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.AttentionSite;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;
import org.primer4j.training.CurvePoint;

class PrimedFolderTest {

    private static final PrimedFolder.Record RECORD = record(null);

    @TempDir
    Path folder;

    private static PrimedFolder.Record record(PeftMethod method) {
        return record(method, TinyModel.of(1), new Primed(TinyModel.of(2), Map.of(), Map.of("a.weight", 3e-5f, "b", 0f), 2,
            new PrimingResult(2, 2, List.of(new CurvePoint(1, 0.5, null), new CurvePoint(2, 0.25, 0.5)), 1.5, 32, 400), 0));
    }

    private static PrimedFolder.Record record(PeftMethod method, PretrainedModel base, Primed primed) {
        return new PrimedFolder.Record("primer prime", "1", "", "cpu", "minilm", Long.MIN_VALUE, Map.of("objective", "joint"), List.of("a", "b"),
            List.of("c"), List.of(13), Map.of("steps", 2), PrimedFolder.method(method), base, primed);
    }

    static List<PeftMethod> methods() {
        return List.of(Lora.queryValue(3, 6), new Lora(2, 4, 0.1, Set.of(), true), new BottleneckAdapter(5, Placement.HOULSBY),
            new BottleneckAdapter(5, Placement.PFEIFFER), new ParallelAdapter(5, 2), new PrefixTuning(4, Set.of(AttentionSite.ENCODER)), new PromptTuning(6),
            Ia3.standard());
    }

    @Test
    void whatIsWrittenIsRead() {
        PrimedFolder.write(folder, TinyModel.of(1), new Primed(TinyModel.of(2), Map.of(), RECORD.innerRates(), 2, RECORD.priming(), 0), null, RECORD);
        PrimedFolder.Record read = PrimedFolder.read(folder);
        assertEquals(RECORD, read);
        assertEquals(folder.resolve("plm").toAbsolutePath().toString(), PrimedFolder.model(folder, read).text());
        assertFalse(Files.exists(folder.resolve("peft")));
        assertEquals(Map.of(), PrimedFolder.peftStart(folder, read, Lora.queryValue(3, 6)));
    }

    /** Start values of every method come back, and the model is that from before where none of it moved. */
    @ParameterizedTest
    @MethodSource("methods")
    void startValuesAreRead(PeftMethod method) {
        TinyTasks tasks = TinyTasks.read(folder);
        Primed primed = tasks.prime(TinyTasks.multiTask(Tunables.PEFT, 2, Validation.NONE), method);
        assertFalse(primed.peftStart().isEmpty());
        Path out = folder.resolve("out");
        assertTrue(out.toFile().mkdir());
        PrimedFolder.write(out, tasks.model(), primed, method, record(method, tasks.model(), primed));

        PrimedFolder.Record read = PrimedFolder.read(out);
        assertFalse(Files.exists(out.resolve("plm")));
        assertEquals("minilm", PrimedFolder.model(out, read).text());
        Map<String, TensorData> start = PrimedFolder.peftStart(out, read, method);
        assertEquals(primed.peftStart().keySet(), start.keySet());
        primed.peftStart().forEach((name, tensor) -> assertArrayEquals(tensor.floats(), start.get(name).floats(), name));
    }

    @Test
    void startValuesOfAnotherMethodAreRefusedByName() {
        TinyTasks tasks = TinyTasks.read(folder);
        PeftMethod method = new BottleneckAdapter(5, Placement.HOULSBY);
        Primed primed = tasks.prime(TinyTasks.multiTask(Tunables.PEFT, 1, Validation.NONE), method);
        PrimedFolder.write(folder, tasks.model(), primed, method, record(method, tasks.model(), primed));
        PrimedFolder.Record read = PrimedFolder.read(folder);
        for (PeftMethod other : List.of(Lora.queryValue(3, 6), new BottleneckAdapter(6, Placement.HOULSBY), new BottleneckAdapter(5, Placement.PFEIFFER))) {
            String said = assertThrows(BadInputException.class, () -> PrimedFolder.peftStart(folder, read, other)).getMessage();
            assertTrue(said.contains("name=houlsby") && said.contains("name=" + other.methodName()), said);
        }
    }

    /** What priming left and is not there any more must not silently be what was there before. */
    @Test
    void aMissingPartIsNamed() throws IOException {
        TinyTasks tasks = TinyTasks.read(folder);
        PeftMethod method = new BottleneckAdapter(5, Placement.HOULSBY);
        Primed primed = tasks.prime(TinyTasks.multiTask(Tunables.BOTH, 1, Validation.NONE), method);
        PrimedFolder.write(folder, tasks.model(), primed, method, record(method, tasks.model(), primed));
        PrimedFolder.Record read = PrimedFolder.read(folder);
        assertEquals(List.of("plm", "peft"), read.parts());
        Files.move(folder.resolve("plm"), folder.resolve("elsewhere"));
        Files.move(folder.resolve("peft"), folder.resolve("gone"));
        String plm = assertThrows(BadInputException.class, () -> PrimedFolder.model(folder, read)).getMessage();
        String peft = assertThrows(BadInputException.class, () -> PrimedFolder.peftStart(folder, read, method)).getMessage();
        assertTrue(plm.contains("plm: there is no such folder") && peft.contains("peft: there is no such folder"), plm + peft);
    }

    @Test
    void aMissingRecordIsNamed() {
        String said = assertThrows(BadInputException.class, () -> PrimedFolder.read(folder)).getMessage();
        assertTrue(said.contains("primer.json"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}", "{\"schemaVersion\": 1}", "{\"schemaVersion\": 1, \"schemaVersion\": 1}", "{\"unknown\": 1}"})
    void aMalformedRecordIsOneSentence(String content) throws IOException {
        Files.writeString(folder.resolve(PrimedFolder.RECORD), content);
        String said = assertThrows(BadInputException.class, () -> PrimedFolder.read(folder)).getMessage();
        assertTrue(said.contains("primer.json"), said);
    }
}
