package org.primer4j.model.io;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.random.Philox;

/** Encoders that know nothing, for self tests and experiments. */
public final class RandomModel {

    /** BERT's own choice (Devlin et al. 2019). */
    private static final double DEVIATION = 0.02;

    private RandomModel() {
    }

    /** A model with BERT's start values: normal weights, zero biases, LayerNorms of scale one. */
    public static PretrainedModel of(EncoderConfig config, byte[] tokenizerJson, long seed) {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        EncoderWeights.shapes(config).forEach((name, shape) -> weights.put(name, TensorData.of(shape, start(name, shape, seed))));
        return new PretrainedModel(config, weights, tokenizerJson);
    }

    private static float[] start(String name, long[] shape, long seed) {
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        if (name.endsWith("LayerNorm.weight")) {
            Arrays.fill(values, 1);
        } else if (!name.endsWith(".bias")) {
            Philox random = new Philox(seed, name);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (DEVIATION * random.nextGaussian());
            }
        }
        return values;
    }
}
