package org.primer4j.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.graph.ops.RelativeBuckets;
import org.primer4j.model.io.SafetensorsFile;

/** Buckets of T5's relative positions, of T5-base and of the golden T5, for encoder and decoder: exact equality. */
record BucketsCase(GoldenCase at) implements GoldenCase.Check {

    private static final String ENDING = ".safetensors";
    private static final String POSITIONS = "relative_position";

    /** By the names of the tensors; sizes as the golden folder's README gives them. */
    private static final Map<String, RelativeBuckets> KINDS = kinds();

    private static Map<String, RelativeBuckets> kinds() {
        Map<String, RelativeBuckets> kinds = new LinkedHashMap<>();
        kinds.put("t5_base.bidirectional", new RelativeBuckets(32, 128, true));
        kinds.put("t5_base.causal", new RelativeBuckets(32, 128, false));
        kinds.put("golden.bidirectional", new RelativeBuckets(8, 12, true));
        kinds.put("golden.causal", new RelativeBuckets(8, 12, false));
        return kinds;
    }

    /** Whether a case is one of buckets. */
    static boolean is(GoldenCase golden) {
        return golden.name().endsWith("/t5_buckets");
    }

    @Override
    public void run(Consumer<CaseResult> results) {
        String file = at.name() + ENDING;
        try (SafetensorsFile golden = SafetensorsFile.open(Path.of(at.path() + ENDING))) {
            long[] positions = golden.longs(POSITIONS);
            KINDS.forEach((name, buckets) -> {
                long[] computed = Arrays.stream(positions).map(position -> buckets.bucket(Math.toIntExact(position))).toArray();
                int differs = Arrays.mismatch(computed, golden.longs(name));
                results.accept(differs < 0 ? CaseResult.compared(file, at.name(), name, 0, 0)
                    : CaseResult.failed(file, at.name(), name, name + " differs at relative position " + positions[differs] + "."));
            });
        }
    }
}
