package org.primer4j.peft;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/**
 * Prefix tuning of BART as the peft library (0.21) does it: only the decoder's self-attention has a prefix, and the 2 L slots of keys and
 * values are dealt out four to a layer, so that layer i reads slots 4 i and 4 i + 1 modulo 2 L. Layers share slots, and some slots are never
 * read; they are parameters all the same, so that an adapter keeps them. For adapters to exchange with that library;
 * {@link PrefixTuning} is the better method.
 *
 * @param length virtual tokens, P
 * @param layers of the encoder, L, from which the library takes the number of slots
 */
public record SlotPrefix(int length, int layers) implements PeftMethod {

    private static final String SLOT = "decoder.prefix.slot";
    private static final Pattern LAYER = Pattern.compile("decoder\\.layers\\.(\\d+)\\.self_attn");
    private static final int SLOTS_A_LAYER = 4;

    /** @throws IllegalArgumentException when there is no virtual token or no layer */
    public SlotPrefix {
        if (length < 1 || layers < 1) {
            throw new IllegalArgumentException("a prefix needs at least 1 virtual token and 1 layer, not " + length + " and " + layers);
        }
    }

    @Override
    public String methodName() {
        return "slot-prefix";
    }

    @Override
    public Map<String, Object> settings() {
        return new TreeMap<>(Map.of("length", length, "layers", layers));
    }

    @Override
    public Place place() {
        return Place.ATTENTION;
    }

    @Override
    public boolean owns(String tensor) {
        return tensor.startsWith(SLOT);
    }

    /** Keys and values of all layers of the library's table. */
    int slots() {
        return 2 * layers;
    }

    static String slot(int index) {
        return SLOT + index;
    }

    @Override
    public Prefix prefix(Layers model, String site, int d) {
        if (AttentionSite.of(site) != AttentionSite.DECODER) {
            return null;
        }
        int layer = layer(site);
        Graph graph = model.graph();
        Value[] slots = new Value[slots()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = graph.parameter(slot(i), length, d);
        }
        int first = SLOTS_A_LAYER * layer % slots.length;
        return new Prefix(slots[first], slots[first + 1]);
    }

    private int layer(String site) {
        Matcher name = LAYER.matcher(site);
        if (!name.matches()) {
            throw new BadInputException("The peft library's prefix cannot be put into " + site + "; expected a bart model: of t5 that library also "
                + "moves the relative positions.");
        }
        int layer = Integer.parseInt(name.group(1));
        if (layer >= layers) {
            throw new BadInputException("The peft library's prefix has " + layers + " layers and none for " + site
                + "; expected an adapter tuned on a model with as many encoder layers.");
        }
        return layer;
    }

    @Override
    public int positionShift(String stack) {
        return stack.equals("decoder") ? length : 0;
    }

    /** As {@link PrefixTuning} starts. */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return StartValues.normal(rows * cols, PrefixTuning.START_DEVIATION, random);
    }
}
