package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The machine's best, measured in the same run.
 *
 * @param gbPerS of a copy, bytes read and written
 * @param tflopPerS of a large product, by the type of its numbers
 */
record Ceilings(double gbPerS, Map<String, Double> tflopPerS) {

    private static final String FILE = "ceilings.json";
    /** Types of products that the peer and the engine call otherwise. */
    private static final Map<String, String> PRODUCTS = Map.of("bf16-base", "bf16");

    /** Those that were measured here; null where they were not, and no floor can be said. */
    static Ceilings of(Setting setting) throws IOException {
        Path file = setting.root().resolve(FILE);
        return Files.exists(file) ? of(new ObjectMapper().readTree(file.toFile())) : null;
    }

    static Ceilings of(JsonNode found) {
        Map<String, Double> rates = new LinkedHashMap<>();
        found.get("products").fields().forEachRemaining(product -> rates.put(product.getKey(), product.getValue().get("median").asDouble()));
        return new Ceilings(found.get("copy").get("median").asDouble(), rates);
    }

    static void keep(Setting setting, String json) throws IOException {
        Files.writeString(setting.root().resolve(FILE), json);
    }

    /** GFLOP in a millisecond. */
    double gflopPerMs(String dtype) {
        return tflopPerS.get(PRODUCTS.getOrDefault(dtype, dtype));
    }

    /** The least milliseconds for so much work: its products at the peak, or its bytes at the copy's rate, whichever takes longer. */
    double floorMs(double gflop, double gbyte, String dtype) {
        return Math.max(gflop / gflopPerMs(dtype), gbyte / gbPerS * 1e3);
    }
}
