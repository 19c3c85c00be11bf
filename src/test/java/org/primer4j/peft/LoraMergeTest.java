package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

class LoraMergeTest {

    private static final String LAYER = "encoder.layers.0.self_attn.q_proj";

    @Property(tries = 50)
    void mergedIsTheSumAndUnmergingGivesItBack(@ForAll @IntRange(min = 1, max = 9) int rows, @ForAll @IntRange(min = 1, max = 9) int cols,
                                               @ForAll @IntRange(min = 1, max = 5) int rank, @ForAll boolean stabilised, @ForAll long seed) {
        Philox random = new Philox(seed, "merge");
        Map<String, TensorData> weights = Map.of(LAYER + ".weight", normal(rows, cols, random), LAYER + ".bias", normal(1, cols, random));
        TrainedAdapter adapter = adapter(LAYER, new Lora(rank, 3, 0, Set.of("query"), stabilised), rows, cols, random);
        LoraMerge.Merged merged = LoraMerge.merge(weights, adapter);
        float[] before = weights.get(LAYER + ".weight").floats(), after = merged.weights().get(LAYER + ".weight").floats();
        float[] a = adapter.tensors().get(LAYER + ".lora_A.weight").floats(), b = adapter.tensors().get(LAYER + ".lora_B.weight").floats();
        double scale = 3 / (stabilised ? Math.sqrt(rank) : rank);
        for (int i = 0; i < before.length; i++) {
            double sum = 0;
            for (int r = 0; r < rank; r++) {
                sum += (double) b[i / cols * rank + r] * a[r * cols + i % cols];
            }
            assertEquals(before[i] + scale * sum, after[i], 1e-6 * (1 + Math.abs(after[i])), "seed " + seed);
        }
        float[] back = LoraMerge.unmerge(merged.weights(), adapter).get(LAYER + ".weight").floats();
        double drift = 0;
        for (int i = 0; i < back.length; i++) {
            drift = Math.max(drift, Math.abs((double) back[i] - before[i]));
        }
        assertEquals(drift, merged.drift(), "seed " + seed);
        assertTrue(drift < 1e-5, "drift " + drift + ", seed " + seed);
        assertEquals(weights.get(LAYER + ".bias"), merged.weights().get(LAYER + ".bias"));
    }

    @Example
    void tiedWeightsAreRefusedByName() {
        Philox random = new Philox(1, "tied");
        Map<String, TensorData> weights = new LinkedHashMap<>(Map.of("shared.weight", normal(5, 3, random)));
        Lora head = new Lora(1, 1, 0, Set.of("lm_head", "shared"));
        refused(weights, adapter("lm_head", head, 5, 3, random), "lm_head", "tied");
        refused(weights, adapter("shared", head, 5, 3, random), "shared", "tied");
        weights.put("lm_head.weight", normal(5, 3, random));
        assertEquals(2, LoraMerge.merge(weights, adapter("lm_head", head, 5, 3, random)).weights().size());
    }

    @Example
    void whatDoesNotFitIsRefused() {
        Philox random = new Philox(1, "fit");
        Map<String, TensorData> weights = Map.of(LAYER + ".weight", normal(4, 3, random));
        refused(weights, adapter(LAYER, Lora.queryValue(2, 1), 3, 4 + 1, random), LAYER + ".weight", "[3, 5]");
        refused(weights, adapter("decoder.layers.0.self_attn.q_proj", Lora.queryValue(2, 1), 4, 3, random), "decoder.layers.0.self_attn.q_proj");
        refused(weights, new TrainedAdapter(new BitFit(), "m", Map.of("a.bias", normal(1, 3, random)), Map.of()), "bitfit");
        TrainedAdapter fits = adapter(LAYER, Lora.queryValue(2, 1), 4, 3, random);
        Map<String, TensorData> headed = new LinkedHashMap<>(fits.tensors());
        headed.put("score.weight", normal(1, 3, random));
        refused(weights, new TrainedAdapter(fits.method(), "m", headed, Map.of()), "score.weight");
        assertArrayEquals(new long[] {4, 3}, LoraMerge.merge(weights, fits).weights().get(LAYER + ".weight").shape());
    }

    private static void refused(Map<String, TensorData> weights, TrainedAdapter adapter, String... fragments) {
        String sentence = assertThrows(BadInputException.class, () -> LoraMerge.merge(weights, adapter)).getMessage();
        for (String fragment : fragments) {
            assertTrue(sentence.contains(fragment), sentence);
        }
    }

    private static TrainedAdapter adapter(String layer, Lora lora, int rows, int cols, Philox random) {
        return new TrainedAdapter(lora, "m", Map.of(layer + ".lora_A.weight", normal(lora.rank(), cols, random), layer + ".lora_B.weight",
            normal(rows, lora.rank(), random)), Map.of());
    }

    private static TensorData normal(int rows, int cols, Philox random) {
        return TensorData.of(new long[] {rows, cols}, StartValues.normal(rows * cols, 1, random));
    }
}
