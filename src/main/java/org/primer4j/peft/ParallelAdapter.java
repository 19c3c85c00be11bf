package org.primer4j.peft;

import java.util.Map;
import java.util.TreeMap;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;

/**
 * Scaled parallel adapters (He et al. 2022, sec. 4.6): {@code FFN(x) + s U relu(D x)} beside each feed-forward block, x its input.
 *
 * @param width of the bottleneck
 * @param scale s; the paper's is 4
 */
public record ParallelAdapter(int width, double scale) implements PeftMethod {

    /** The paper's scale. */
    public static final double STANDARD_SCALE = 4;

    /** @throws IllegalArgumentException when the width is below 1 or the scale not above 0 */
    public ParallelAdapter {
        if (width < 1 || !(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a parallel adapter needs a bottleneck of at least 1 and a scale above 0, not " + width + " and "
                + scale);
        }
    }

    @Override
    public String methodName() {
        return "parallel";
    }

    @Override
    public Map<String, Object> settings() {
        return new TreeMap<>(Map.of("bottleneck", width, "scale", scale));
    }

    @Override
    public Place place() {
        return Place.BLOCKS;
    }

    @Override
    public boolean owns(String tensor) {
        return AdapterSites.owns(tensor);
    }

    @Override
    public Value blockOutput(Layers layers, String site, Value input, Value h) {
        return AdapterSites.isAttention(site) ? h : AdapterSites.apply(layers.graph(), site, input, h, width, Activation.RELU, scale);
    }

    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return AdapterSites.initial(parameter, rows, cols, random);
    }
}
