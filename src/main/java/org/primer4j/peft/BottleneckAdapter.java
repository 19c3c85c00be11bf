package org.primer4j.peft;

import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
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
        /** After attention and after the feed-forward block (Houlsby et al. 2019). */
        HOULSBY,
        /** After the feed-forward block alone (Pfeiffer et al. 2021). */
        PFEIFFER
    }

    private static final double START_DEVIATION = 0.02;

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
    public boolean trains(String tensor) {
        return false;
    }

    @Override
    public Value blockOutput(Layers layers, String site, Value input, Value h) {
        if (!hasSite(site)) {
            return h;
        }
        Graph graph = layers.graph();
        int d = h.cols();
        return Ops.adapter(h, graph.parameter(site + ".adapter.down.weight", width, d), graph.parameter(site + ".adapter.down.bias", 1, width),
            graph.parameter(site + ".adapter.up.weight", d, width), graph.parameter(site + ".adapter.up.bias", 1, d));
    }

    /** Whether a block's output is adapted. */
    boolean hasSite(String site) {
        return placement == Placement.HOULSBY || !site.contains("attention");
    }

    /** D normal with deviation 0.02, the rest zero: an adapter starts as the identity. */
    @Override
    public float[] initial(String parameter, int rows, int cols, Philox random) {
        float[] values = new float[rows * cols];
        if (parameter.endsWith(".down.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (START_DEVIATION * random.nextGaussian());
            }
        }
        return values;
    }
}
