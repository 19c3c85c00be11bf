package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;

class TuningGridTest {

    @Test
    void fineTuningHasCrossFitsGrid() {
        assertEquals(new TuningGrid(List.of(1e-5, 2e-5, 5e-5), List.of(2, 4, 8)), TuningGrid.forMethod("full"));
        assertEquals(0.1, CrossFitProtocol.warmup());
    }

    @Test
    void everyMethodsGridAscendsAndStandsInTheDocument() throws Exception {
        String document = Files.readString(Path.of("docs/protocol.md"));
        for (String method : TuningGrid.methods()) {
            TuningGrid grid = TuningGrid.forMethod(method);
            assertEquals(grid.rates().stream().sorted().distinct().toList(), grid.rates(), method);
            assertEquals(TuningGrid.CROSSFIT_BATCHES, grid.batches(), method);
            String row = "| " + method + " | " + String.join(", ", grid.rates().stream().map(TuningGridTest::shown).toList()) + " |";
            assertTrue(document.contains(row), row);
        }
    }

    private static String shown(double rate) {
        return String.format(Locale.ROOT, "%.0e", rate).replace("e-0", "e-");
    }

    @Test
    void aMethodWithoutAGridAndABadGridAreRefused() {
        String message = assertThrows(BadInputException.class, () -> TuningGrid.forMethod("lora+prompt")).getMessage();
        assertTrue(message.contains("'lora+prompt'") && message.contains("--rates"), message);
        assertThrows(IllegalArgumentException.class, () -> new TuningGrid(List.of(), List.of(8)));
        assertThrows(IllegalArgumentException.class, () -> new TuningGrid(List.of(0.0), List.of(8)));
        assertThrows(IllegalArgumentException.class, () -> new TuningGrid(List.of(1e-3), List.of(0)));
    }
}
