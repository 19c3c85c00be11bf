package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** transformers' token ids from the engine, with a cache. */
class GenerationCaseTest {

    private static final Path SHARED = Path.of("../shared/golden");

    @TempDir
    private Path copy;
    private final List<CaseResult> results = new ArrayList<>();

    @BeforeEach
    void requireShared() {
        assumeTrue(Files.isDirectory(SHARED));
    }

    @Test
    void allTokensAreTransformers() {
        assertTrue(Verification.of(SHARED, List.of("generation/bart", "generation/t5")).run(results::add),
            () -> results.stream().filter(result -> !result.passed()).toList().toString());
        // Ids and scores of 13 decodings of each model.
        assertEquals(2 * 2 * 13, results.size());
    }

    @Test
    void anotherPenaltyFails() throws IOException {
        Path folder = Files.createDirectories(copy.resolve("generation/bart"));
        try (Stream<Path> files = Files.list(SHARED.resolve("generation/bart"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Path cases = folder.resolve("cases.json");
        Files.writeString(cases, Files.readString(cases).replace("\"length_penalty\": 2.0", "\"length_penalty\": 0.5"));
        assertFalse(Verification.of(copy, List.of("generation/*")).run(results::add));
        assertTrue(results.stream().allMatch(result -> result.passed() == !result.tensor().contains("lp2")), results::toString);
    }

    @Test
    void modelsWithoutDecodersOfTheirOwnFailByName() {
        assertFalse(Verification.of(SHARED, List.of("generation/llama")).run(results::add));
        assertTrue(results.get(0).problem().contains("generation/llama is not supported yet"), results::toString);
    }
}
