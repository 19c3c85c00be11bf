package org.primer4j.generation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.T5Config;
import org.primer4j.model.io.TensorData;

/** Small random models whose outputs depend on their inputs. */
final class SmallModels {

    static final BartConfig BART = new BartConfig(37, 24, new BartConfig.Stack(2, 4, 40), new BartConfig.Stack(2, 3, 28), 40, "gelu", true, 1, 0, 2, 2,
        0, 2, 0, 0, 0);
    static final T5Config T5 = new T5Config("t5", 41, 20, 6, 4, 36, 2, 2, 8, 10, 1e-6, "gated-gelu", true, false, 0, 1, 0, 0);

    private SmallModels() {}

    static Seq2SeqConfig of(String family) {
        return family.equals("bart") ? BART : T5;
    }

    /** Normal weights of deviation 0.4, scales around 1. */
    static Map<String, TensorData> weights(Seq2SeqConfig config, long seed) {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        config.weightShapes().forEach((name, shape) -> {
            int size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
            boolean scale = shape.length == 1 && name.endsWith("weight");
            weights.put(name, TensorData.of(shape, normal(new Random(seed + name.hashCode()), size, scale ? 0.1 : 0.4, scale ? 1 : 0)));
        });
        return weights;
    }

    private static float[] normal(Random random, int size, double deviation, double mean) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    /** Parameters far from their start values; those of the model itself near its weights. */
    static Parameters parameters(ParameterLayout layout, Map<String, TensorData> weights, long seed) {
        Parameters parameters = new Parameters(layout, 1);
        for (ParameterLayout.Entry entry : layout.entries()) {
            float[] values = normal(new Random(seed + entry.name().hashCode()), entry.size(), 0.3, entry.name().contains("ia3") ? 1 : 0);
            if (weights.containsKey(entry.name())) {
                float[] own = weights.get(entry.name()).floats();
                for (int i = 0; i < own.length; i++) {
                    values[i] = own[i] + values[i] / 10;
                }
            }
            parameters.write(0, entry.name(), values);
        }
        return parameters;
    }

    /** Sources of 1 to 12 tokens. */
    static List<int[]> sources(Seq2SeqConfig config, int count, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
            .mapToObj(i -> random.ints(1 + random.nextInt(12), 0, config.vocabSize()).toArray()).toList();
    }
}
