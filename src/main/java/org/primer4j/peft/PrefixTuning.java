package org.primer4j.peft;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.primer4j.BadInputException;
import org.primer4j.graph.Graph;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/**
 * Prefix tuning (Li and Liang 2021): trained keys and values before those of every sequence, each layer its own, trained directly, without
 * the paper's reparametrisation by a feed-forward network.
 *
 * @param length virtual tokens, P
 * @param sites which attentions have a prefix
 */
public record PrefixTuning(int length, Set<AttentionSite> sites) implements PeftMethod {

    static final String KEY = ".prefix.key";
    static final String VALUE = ".prefix.value";
    static final double START_DEVIATION = 0.02;

    /** @throws IllegalArgumentException when there is no virtual token or no kind of attention */
    public PrefixTuning {
        if (length < 1 || sites.isEmpty()) {
            throw new IllegalArgumentException("a prefix needs at least 1 virtual token and one kind of attention, not " + length + " and " + sites);
        }
        sites = Set.copyOf(sites);
    }

    /** In every attention of the model. */
    public static PrefixTuning everywhere(int length) {
        return new PrefixTuning(length, EnumSet.allOf(AttentionSite.class));
    }

    @Override
    public String methodName() {
        return "prefix";
    }

    @Override
    public Map<String, Object> settings() {
        return new TreeMap<>(Map.of("length", length, "sites", AttentionSite.options(sites)));
    }

    @Override
    public Place place() {
        return Place.ATTENTION;
    }

    @Override
    public boolean owns(String tensor) {
        return tensor.endsWith(KEY) || tensor.endsWith(VALUE);
    }

    @Override
    public void requireFits(Set<String> tensors) {
        if (!sites.contains(AttentionSite.ENCODER) && tensors.stream().noneMatch(name -> name.startsWith("decoder."))) {
            throw new BadInputException("The prefix goes to " + AttentionSite.options(sites) + ", and the model has an encoder alone;"
                + " expected a prefix in its encoder.");
        }
    }

    @Override
    public Prefix prefix(Layers layers, String site, int d) {
        if (!sites.contains(AttentionSite.of(site))) {
            return null;
        }
        Graph graph = layers.graph();
        return new Prefix(graph.parameter(site + KEY, length, d), graph.parameter(site + VALUE, length, d));
    }

    /** The prefix of a stack's self-attention counts as tokens before the first, as in the peft library. */
    @Override
    public int positionShift(String stack) {
        return sites.contains(AttentionSite.self(stack)) ? length : 0;
    }

    /** Normal with deviation 0.02, as the models' own weights start. */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return StartValues.normal(rows * cols, START_DEVIATION, random);
    }
}
