package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;
import org.primer4j.peft.LoraMerge;
import org.primer4j.peft.TrainedAdapter;

/** A model with merged weights computes what the model with the adapter computes; unmerged it is the model again. */
class LoraMergeModelTest {

    private static final double TOLERANCE = 5e-6;

    @ParameterizedTest
    @ValueSource(strings = {"tiny_bert", "tiny_bart", "tiny_t5", "tiny_t5_gated"})
    void mergedIsTheAdapter(String name) {
        Lora lora = new Lora(3, 2, 0, Set.of(), true);
        try (PretrainedFolder model = PretrainedFolder.read(PeftRuns.MODELS.resolve(name))) {
            CaseGraph adapted = PeftRuns.graph(name, model, lora);
            TrainedAdapter adapter = PeftRuns.random(adapted, lora, model.weights(), 11);
            float[] expected = PeftRuns.run(adapted, model.weights(), adapter.tensors()).outputs().get("logits");
            LoraMerge.Merged merged = LoraMerge.merge(model.weights(), adapter);
            float[] plain = logits(name, model, model.weights());
            assertTrue(error(logits(name, model, merged.weights()), expected) < TOLERANCE);
            assertTrue(error(logits(name, model, LoraMerge.unmerge(merged.weights(), adapter)), plain) < TOLERANCE);
            assertFalse(error(plain, expected) < 0.01, "the adapter changes nothing");
            assertTrue(merged.drift() > 0 && merged.drift() < 1e-6, () -> "drift " + merged.drift());
        }
    }

    private static float[] logits(String name, PretrainedFolder model, Map<String, TensorData> weights) {
        return PeftRuns.run(PeftRuns.graph(name, model, new FullTuning(true)), weights, Map.of()).outputs().get("logits");
    }

    private static double error(float[] found, float[] expected) {
        double[] a = new double[found.length], b = new double[expected.length];
        for (int i = 0; i < a.length; i++) {
            a[i] = found[i];
            b[i] = expected[i];
        }
        return Comparison.error(a, b, 0);
    }
}
