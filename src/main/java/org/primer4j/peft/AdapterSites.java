package org.primer4j.peft;

import java.util.regex.Pattern;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/** What bottleneck and parallel adapters share: places, names and start values. */
final class AdapterSites {

    private static final String PART = ".adapter.";
    private static final Pattern TENSOR = Pattern.compile("(.+)\\.adapter\\.(down|up)\\.(weight|bias)");
    private static final double START_DEVIATION = 0.02;

    private AdapterSites() {}

    /** Whether a block's output is an attention's, by its name in BERT, BART or T5; else it is a feed-forward block's. */
    static boolean isAttention(String site) {
        return site.contains("attention.") || site.endsWith("_attn") || site.contains("Attention");
    }

    /** {@code h + scale (U act(D x + b_D) + b_U)} with this place's parameters. */
    static Value apply(Graph graph, String site, Value x, Value h, int width, Activation activation, double scale) {
        int d = h.cols();
        String at = site + PART;
        return Ops.adapter(h, x, graph.parameter(at + "down.weight", width, d), graph.parameter(at + "down.bias", 1, width),
            graph.parameter(at + "up.weight", d, width), graph.parameter(at + "up.bias", 1, d), activation, scale);
    }

    static boolean owns(String tensor) {
        return TENSOR.matcher(tensor).matches();
    }

    /** The place of a tensor that {@link #owns} holds for. */
    static String site(String tensor) {
        return tensor.substring(0, tensor.lastIndexOf(PART));
    }

    /** Checks the tensors of a place. */
    static void check(AdapterTensors tensors, String site, int width) {
        String at = site + PART;
        tensors.requireShape(at + "down.weight", width, AdapterTensors.ANY);
        tensors.requireShape(at + "down.bias", width);
        int d = (int) tensors.tensors().get(at + "down.weight").shape()[1];
        tensors.requireShape(at + "up.weight", d, width);
        tensors.requireShape(at + "up.bias", d);
    }

    /** D normal with deviation 0.02, the rest zero: an adapter starts as the identity. */
    static float[] initial(String parameter, int rows, int cols, Philox random) {
        return parameter.endsWith(".down.weight") ? StartValues.normal(rows * cols, START_DEVIATION, random) : new float[rows * cols];
    }
}
