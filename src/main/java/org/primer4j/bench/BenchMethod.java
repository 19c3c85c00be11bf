package org.primer4j.bench;

import java.util.Set;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.WrappedAdaptation;
import org.primer4j.peft.AttentionSite;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;

/**
 * A method with what the peer trains beside it: the classifier, always.
 *
 * @param method what tunes the model
 * @param afterCross whether adapters stand after the decoder's attention to the encoder; the peer has none there
 */
record BenchMethod(Adaptation method, boolean afterCross) implements WrappedAdaptation {

    /** The classifier's name; only a classifying model has one. */
    static final String CLASSIFIER = "classifier";
    private static final double LORA_ALPHA = 16;

    static BenchMethod of(BenchTrainOptions options) {
        Adaptation method = switch (options.method()) {
            case "lora" -> Lora.queryValue(options.rank(), LORA_ALPHA);
            case "lora-all" -> new Lora(options.rank(), LORA_ALPHA, 0, Set.of());
            case "adapter" -> new BottleneckAdapter(options.bottleneck(), BottleneckAdapter.Placement.HOULSBY);
            case "bitfit" -> new BitFit();
            case "full" -> new FullTuning(true);
            case "prefix" -> new PrefixTuning(options.virtualTokens(), Set.of(options.isSeq2Seq() ? AttentionSite.DECODER : AttentionSite.ENCODER));
            case "prompt" -> new PromptTuning(options.virtualTokens());
            case "ia3" -> Ia3.standard();
            default -> throw new IllegalArgumentException(options.method());
        };
        return new BenchMethod(method, !options.method().equals("adapter"));
    }

    @Override
    public Value blockOutput(Layers layers, String site, Value input, Value h) {
        return !afterCross && site.contains("encoder_attn") ? h : method.blockOutput(layers, site, input, h);
    }

    @Override
    public boolean trains(String tensor) {
        return tensor.startsWith(CLASSIFIER + ".") || method.trains(tensor);
    }
}
