package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;

class MetaCaseTest {

    private static final Path SHARED = Path.of("../shared/golden");

    @TempDir
    Path copy;

    private final List<CaseResult> results = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void allSharedCasesPass(int threads) {
        assumeTrue(Files.isDirectory(SHARED));
        Verification verification = Verification.of(SHARED, List.of("meta/*"), Device.cpu(threads));
        assertEquals(25, verification.cases().size());
        assertTrue(verification.run(results::add), () -> failures().toString());
    }

    // They differ by a quarter at least: the second-order term is there.
    @ParameterizedTest
    @CsvSource({"fomaml_lora_lora_1, maml_lora_lora_1", "maml_all_all_1, fomaml_all_all_1", "maml_lora_plm_3, anil_lora_plm_3"})
    void anotherAlgorithmsReferenceFails(String reference, String name) throws IOException {
        copyInputs();
        Files.copy(SHARED.resolve("meta/" + reference + ".safetensors"), copy.resolve("meta/" + name + ".safetensors"));
        assertFalse(Verification.of(copy, List.of("meta/" + name)).run(results::add));
        assertTrue(results.stream().anyMatch(result -> result.tensor().startsWith("d_") && result.relError() > 0.1), results::toString);
    }

    @Test
    void anUnknownNameFailsByName() throws IOException {
        copyInputs();
        Files.copy(SHARED.resolve("meta/hvp_lora.safetensors"), copy.resolve("meta/imaml_lora_lora_1.safetensors"));
        assertFalse(Verification.of(copy, List.of("meta/*")).run(results::add));
        assertEquals(1, results.size());
        assertTrue(results.get(0).problem().contains("meta/imaml_lora_lora_1 is not supported yet"), results::toString);
    }

    @Test
    void namesSayWhatMoves() {
        assertEquals(new MetaChoice("anil", "lora_plm", 3), MetaChoice.of("meta/anil_lora_plm_3"));
        assertEquals(new MetaChoice("hvp", "full", 1), MetaChoice.of("meta/hvp_full"));
        assertEquals(2, MetaChoice.of("meta/outer_adamw_all_all").innerSteps());
        for (String name : List.of("meta/maml_all_all", "meta/hvp_all_all", "meta/reptile_lora_lora_3", "meta/fomaml_plm_plm_1")) {
            assertThrows(BadInputException.class, () -> MetaChoice.of(name));
        }
    }

    private void copyInputs() throws IOException {
        assumeTrue(Files.isDirectory(SHARED));
        for (String part : List.of("training/bart_tiny", "meta/lora_init", "meta/tasks.safetensors")) {
            try (Stream<Path> paths = Files.walk(SHARED.resolve(part))) {
                for (Path path : paths.filter(Files::isRegularFile).toList()) {
                    Path target = copy.resolve(SHARED.relativize(path).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(path, target);
                }
            }
        }
    }

    private List<String> failures() {
        return results.stream().filter(result -> !result.passed()).map(result -> result.caseName() + ": " + result.problem()).toList();
    }
}
