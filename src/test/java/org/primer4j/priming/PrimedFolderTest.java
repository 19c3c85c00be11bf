package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.experiment.CurvePoint;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.fixtures.TinyModel;

class PrimedFolderTest {

    private static final PrimedFolder.Record RECORD = new PrimedFolder.Record("primer prime", "1", "", "cpu", "minilm", Long.MIN_VALUE,
        Map.of("objective", "joint"), List.of("a", "b"), List.of("c"), List.of(13), Map.of("steps", 2), Map.of(), 2,
        new PrimingResult(2, 2, List.of(new CurvePoint(1, 0.5, null), new CurvePoint(2, 0.25, null)), 1.5, 32, 400));

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() {
        PrimedFolder.write(folder, TinyModel.of(1), new Primed(TinyModel.of(2), Map.of(), 2, RECORD.priming()), null, RECORD);
        assertEquals(RECORD, PrimedFolder.read(folder));
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
