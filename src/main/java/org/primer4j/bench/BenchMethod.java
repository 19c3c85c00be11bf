package org.primer4j.bench;

import java.util.Set;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;
import org.primer4j.random.Philox;

/**
 * A method with what the peer trains beside it: the classifier, always.
 *
 * @param method what tunes the encoder and its pooler
 */
record BenchMethod(Adaptation method) implements Adaptation {

    /** The classifier's name; only a classifying model has one. */
    static final String CLASSIFIER = "classifier";
    private static final double LORA_ALPHA = 16;

    static BenchMethod of(BenchTrainOptions options) {
        return new BenchMethod(switch (options.method()) {
            case "lora" -> Lora.queryValue(options.rank(), LORA_ALPHA);
            case "lora-all" -> new Lora(options.rank(), LORA_ALPHA, 0, Set.of());
            case "adapter" -> new BottleneckAdapter(options.bottleneck(), BottleneckAdapter.Placement.HOULSBY);
            case "bitfit" -> new BitFit();
            case "full" -> new FullTuning(true);
            default -> throw new IllegalArgumentException(options.method());
        });
    }

    @Override
    public boolean trains(String tensor) {
        return tensor.startsWith(CLASSIFIER + ".") || method.trains(tensor);
    }

    @Override
    public Value linear(Layers layers, String name, Value x, int out) {
        return method.linear(layers, name, x, out);
    }

    @Override
    public Value blockOutput(Layers layers, String site, Value h) {
        return method.blockOutput(layers, site, h);
    }

    @Override
    public float[] initial(String parameter, int rows, int cols, Philox random) {
        return method.initial(parameter, rows, cols, random);
    }
}
