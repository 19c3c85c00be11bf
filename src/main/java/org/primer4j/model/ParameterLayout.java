package org.primer4j.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;

/**
 * Where each trained tensor lies in a lane's flat vector. Tensors that weight decay applies to come first, so that the
 * optimizer needs one number to tell them apart; biases (T5's relative ones too) and the parameters of LayerNorm and RMSNorm do not decay.
 */
public final class ParameterLayout {

    private static final int ALIGNMENT = 16;

    /**
     * One tensor.
     *
     * @param offset of its first number in the flat vector
     */
    public record Entry(String name, int rows, int cols, int offset) {

        public int size() {
            return rows * cols;
        }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int size;
    private int decayed;

    /** Lays out the PARAMETER leaves of a graph. */
    public ParameterLayout(List<Value> parameters) {
        List<Value> later = new ArrayList<>();
        for (Value parameter : parameters) {
            if (decays(name(parameter))) {
                append(parameter);
            } else {
                later.add(parameter);
            }
        }
        decayed = size;
        later.forEach(this::append);
    }

    private void append(Value parameter) {
        int rows = parameter.shape().rows();
        long end = size + (long) rows * parameter.cols() + ALIGNMENT - 1;
        if (end > Integer.MAX_VALUE) {
            throw new BadInputException("Parameter " + name(parameter) + " of shape [" + rows + ", " + parameter.cols()
                + "] makes more than 2^31 numbers to train; take a smaller rank or bottleneck.");
        }
        entries.put(name(parameter), new Entry(name(parameter), rows, parameter.cols(), size));
        size = (int) (end / ALIGNMENT * ALIGNMENT);
    }

    private static String name(Value parameter) {
        return ((Leaf) parameter.node().op()).leafName();
    }

    // Names that hold "bias" anywhere, T5's relative_attention_bias.weight too, as in CrossFit's code.
    private static boolean decays(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.contains("bias") && !lower.contains("layernorm") && !lower.contains("layer_norm");
    }

    /** Numbers in a lane's flat vector; gaps between tensors hold zeros. */
    public int size() {
        return size;
    }

    /** Numbers at the front that decay. */
    public int decayed() {
        return decayed;
    }

    /** Numbers that are really trained. */
    public long count() {
        return entries.values().stream().mapToLong(Entry::size).sum();
    }

    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** A tensor's place. */
    public Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return entry;
    }
}
