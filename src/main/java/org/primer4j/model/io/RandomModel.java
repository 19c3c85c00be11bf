package org.primer4j.model.io;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.random.Philox;

/** Models that know nothing, for self tests, benchmarks and experiments. */
public final class RandomModel {

    /** The choice of BERT (Devlin et al. 2019) and of BART's code. */
    private static final double DEVIATION = 0.02;

    private RandomModel() {
    }

    /**
     * A model with the start values of its family: normal weights of deviation 0.02 (T5: as its layers' widths ask), zero biases,
     * normalisations of scale one.
     */
    public static PretrainedModel of(ModelConfig config, byte[] tokenizerJson, long seed) {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        config.weightShapes().forEach((name, shape) -> weights.put(name, TensorData.of(shape, start(config, name, shape, seed))));
        return new PretrainedModel(config, weights, tokenizerJson);
    }

    private static float[] start(ModelConfig config, String name, long[] shape, long seed) {
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        if (name.endsWith(".bias") || name.equals(BartWeights.LOGITS_BIAS)) {
            return values;
        }
        if (shape.length == 1) {
            Arrays.fill(values, 1);
            return values;
        }
        double deviation = config instanceof T5Config t5 ? deviation(t5, name) : DEVIATION;
        Philox random = new Philox(seed, name);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    // Mesh TensorFlow's, as transformers has them: T5 does not scale its attention, so its queries start small.
    private static double deviation(T5Config config, String name) {
        if (name.equals(WeightNames.SHARED) || name.equals(WeightNames.LM_HEAD)) {
            return 1;
        }
        int d = config.hiddenSize();
        double width = name.endsWith(".q.weight") ? (double) d * config.headSize() : name.endsWith(".o.weight") ? config.innerSize()
                : name.endsWith(".wo.weight") ? config.ffn() : d;
        return 1 / Math.sqrt(width);
    }
}
