package org.primer4j.peft;

import java.util.Map;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;

/**
 * Bottleneck adapters {@code h + U gelu(D h)} on what blocks add to the residual stream, before the residual is added.
 *
 * @param width of the bottleneck
 * @param placement which blocks have one
 */
public record BottleneckAdapter(int width, Placement placement) implements PeftMethod {

    /** Which blocks have an adapter. */
    public enum Placement {
        /** After self-attention, cross-attention and the feed-forward block (Houlsby et al. 2019). */
        HOULSBY,
        /** After the feed-forward block alone (Pfeiffer et al. 2021). */
        PFEIFFER
    }

    /** @throws IllegalArgumentException when the width is below 1 */
    public BottleneckAdapter {
        if (width < 1) {
            throw new IllegalArgumentException("an adapter needs a bottleneck of at least 1, not " + width);
        }
    }

    @Override
    public String methodName() {
        return placement == Placement.HOULSBY ? "houlsby" : "pfeiffer";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("bottleneck", width);
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
        return hasSite(site) ? AdapterSites.apply(layers.graph(), site, h, h, width, Activation.GELU, 1) : h;
    }

    /** Whether a block's output is adapted. */
    boolean hasSite(String site) {
        return placement == Placement.HOULSBY || !AdapterSites.isAttention(site);
    }

    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return AdapterSites.initial(parameter, rows, cols, random);
    }
}
