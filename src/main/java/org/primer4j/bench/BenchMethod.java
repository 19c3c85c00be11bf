package org.primer4j.bench;

import java.util.Set;
import org.primer4j.model.Adaptation;
import org.primer4j.model.WrappedAdaptation;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;

/**
 * A method with what the peer trains beside it: the classifier, always.
 *
 * @param method what tunes the encoder and its pooler
 */
record BenchMethod(Adaptation method) implements WrappedAdaptation {

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
}
