package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.BartConfig.Stack;

class ModelHashTest {

    private static PretrainedModel model(int positions) {
        Stack stack = new Stack(1, 2, 48);
        return RandomModel.of(new BartConfig(64, 96, stack, new Stack(1, 2, 8), positions, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0, 0),
            TextToTextGym.tokenizerJson(), 1);
    }

    @TempDir
    Path folder;

    @Test
    void isOfTheContentAlone() {
        PretrainedModel model = model(5);
        String hash = ModelHash.of(model);
        assertEquals(hash, ModelHash.of(model(5)));
        model.write(folder.resolve("one"));
        model.write(folder.resolve("other"));
        assertEquals(ModelHash.of(PretrainedModel.read(folder.resolve("one"))), ModelHash.of(PretrainedModel.read(folder.resolve("other"))));
        assertNotEquals(hash, ModelHash.of(model(6)));
        assertNotEquals(hash, ModelHash.of(withAnotherLastNumber(model, "shared.weight")));
        assertNotEquals(hash, ModelHash.of(withAnotherLastNumber(model, "decoder.layers.0.fc1.bias")));
    }

    private static PretrainedModel withAnotherLastNumber(PretrainedModel model, String name) {
        Map<String, TensorData> weights = new LinkedHashMap<>(model.weights());
        float[] values = weights.get(name).floats();
        values[values.length - 1] = Math.nextUp(values[values.length - 1]);
        weights.put(name, TensorData.of(weights.get(name).shape(), values));
        return model.withWeights(weights);
    }
}
