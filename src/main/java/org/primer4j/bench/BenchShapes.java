package org.primer4j.bench;

import java.util.Map;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.BartConfig.Stack;

/** The shapes of the benchmarks' BARTs. */
final class BenchShapes {

    private static final Map<String, BartConfig> BARTS = Map.of("bart-tiny", of(64, new Stack(2, 4, 128)), "bart-base", of(768, new Stack(6, 12, 3072)),
        "bart-large", of(1024, new Stack(12, 16, 4096)));

    private BenchShapes() {}

    private static BartConfig of(int width, Stack stack) {
        return new BartConfig(50265, width, stack, stack, 1024, "gelu", false, 1, 0, 2, 2, null, null, 0, 0, 0);
    }

    /** The BART of a name on the command line. */
    static BartConfig bart(String name) {
        BartConfig config = BARTS.get(name);
        if (config == null) {
            throw new IllegalArgumentException("no BART is called " + name);
        }
        return config;
    }
}
