package org.primer4j.peft;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.primer4j.BadInputException;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/**
 * IA3 (Liu et al. 2022, sec. 3.3): a learned factor l for each column of keys and values, {@code y = (W x + b) * l}, and of what the
 * feed-forward block's second layer reads, {@code y = W (x * l) + b}.
 *
 * @param targets last parts of the names of all layers with factors, the feed-forward ones included
 * @param feedForward those of them whose input is scaled
 */
public record Ia3(Set<String> targets, Set<String> feedForward) implements PeftMethod {

    static final String L = ".ia3_l";

    /** @throws IllegalArgumentException when there are no layers, or a feed-forward layer is none of them */
    public Ia3 {
        if (targets.isEmpty() || !targets.containsAll(feedForward)) {
            throw new IllegalArgumentException("ia3 needs layers, and feed-forward layers among them, not " + targets + " and " + feedForward);
        }
        targets = Set.copyOf(targets);
        feedForward = Set.copyOf(feedForward);
    }

    /**
     * Keys, values and the feed-forward block's second layer of BERT, BART and T5: the peft library's default. As there, BERT's
     * {@code output.dense} is the attention's output layer as well.
     */
    public static Ia3 standard() {
        return new Ia3(Set.of("key", "value", "output.dense", "fc2", "wo"), Set.of("output.dense", "fc2", "wo"));
    }

    @Override
    public String methodName() {
        return "ia3";
    }

    @Override
    public Map<String, Object> settings() {
        return new TreeMap<>(Map.of("targets", targets.stream().sorted().toList(), "feed_forward", feedForward.stream().sorted().toList()));
    }

    @Override
    public Place place() {
        return Place.LAYERS;
    }

    @Override
    public boolean owns(String tensor) {
        return tensor.endsWith(L);
    }

    /** The names of other models' layers among the targets do no harm. */
    @Override
    public void requireFits(Set<String> tensors) {
        if (LayerTargets.inModel(targets, LayerTargets.layers(tensors)).isEmpty()) {
            throw new BadInputException("IA3's layers are " + targets.stream().sorted().toList() + ", and the model has none of them;"
                + " expected names of its own layers.");
        }
    }

    @Override
    public boolean changesLayer(String name) {
        return LayerTargets.match(targets, name);
    }

    /** Whether a layer's input is scaled. */
    boolean scalesInput(String layer) {
        return LayerTargets.match(feedForward, layer);
    }

    @Override
    public Value linear(Layers layers, String name, Value x, int out) {
        if (!changesLayer(name)) {
            return layers.baseLinear(name, x, out);
        }
        if (scalesInput(name)) {
            return layers.baseLinear(name, Ops.scaleColumns(x, layers.graph().parameter(name + L, 1, x.cols())), out);
        }
        return Ops.scaleColumns(layers.baseLinear(name, x, out), layers.graph().parameter(name + L, 1, out));
    }

    /** Ones: the model starts as it was pretrained. */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return StartValues.ones(rows * cols);
    }
}
