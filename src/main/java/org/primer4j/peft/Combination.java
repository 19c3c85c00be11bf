package org.primer4j.peft;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.primer4j.BadInputException;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;

/**
 * Several methods at once, each at a place of its own, such as prefix tuning with parallel adapters (the "mix-and-match adapter" of
 * He et al. 2022).
 *
 * @param parts at least two; none changes what another one changes
 */
public record Combination(List<PeftMethod> parts) implements PeftMethod {

    /** @throws BadInputException when two parts change the same place */
    public Combination {
        parts = List.copyOf(parts);
        if (parts.size() < 2) {
            throw new IllegalArgumentException("a combination needs at least two methods, not " + parts);
        }
        for (int i = 0; i < parts.size(); i++) {
            for (PeftMethod other : parts.subList(0, i)) {
                requireApart(other, parts.get(i));
            }
        }
    }

    // Methods on layers may choose different ones: that is seen when the model is built.
    private static void requireApart(PeftMethod one, PeftMethod other) {
        boolean layers = one.place() == Place.LAYERS && !one.getClass().equals(other.getClass());
        if (one.place() == Place.MODEL || other.place() == Place.MODEL || one.place() == other.place() && !layers) {
            throw conflict(one, other, "the same place");
        }
    }

    private static BadInputException conflict(PeftMethod one, PeftMethod other, String place) {
        return new BadInputException("The methods " + one.methodName() + " and " + other.methodName() + " both change " + place
            + "; expected methods that change different places, such as prefix+parallel.");
    }

    @Override
    public String methodName() {
        return parts.stream().map(PeftMethod::methodName).collect(Collectors.joining("+"));
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        parts.forEach(part -> settings.put(part.methodName(), part.settings()));
        return settings;
    }

    @Override
    public Place place() {
        return Place.MODEL;
    }

    @Override
    public boolean owns(String tensor) {
        return parts.stream().anyMatch(part -> part.owns(tensor));
    }

    @Override
    public double dropout() {
        return parts.stream().mapToDouble(PeftMethod::dropout).max().orElseThrow();
    }

    @Override
    public void requireFits(Set<String> tensors) {
        parts.forEach(part -> part.requireFits(tensors));
    }

    @Override
    public boolean trains(String tensor) {
        return parts.stream().anyMatch(part -> part.trains(tensor));
    }

    @Override
    public boolean changesLayer(String name) {
        return parts.stream().anyMatch(part -> part.changesLayer(name));
    }

    /** @throws BadInputException when two parts change this layer */
    @Override
    public Value linear(Layers layers, String name, Value x, int out) {
        List<PeftMethod> changing = parts.stream().filter(part -> part.changesLayer(name)).toList();
        if (changing.size() > 1) {
            throw conflict(changing.get(0), changing.get(1), "the layer " + name);
        }
        return changing.isEmpty() ? layers.baseLinear(name, x, out) : changing.get(0).linear(layers, name, x, out);
    }

    @Override
    public Value blockOutput(Layers layers, String site, Value input, Value h) {
        PeftMethod blocks = only(part -> part.place() == Place.BLOCKS);
        return blocks == null ? h : blocks.blockOutput(layers, site, input, h);
    }

    @Override
    public Prefix prefix(Layers layers, String site, int d) {
        return first(part -> part.prefix(layers, site, d));
    }

    @Override
    public Value prompt(Layers layers, int d) {
        return first(part -> part.prompt(layers, d));
    }

    @Override
    public int promptLength() {
        return parts.stream().mapToInt(PeftMethod::promptLength).sum();
    }

    @Override
    public int positionShift(String stack) {
        return parts.stream().mapToInt(part -> part.positionShift(stack)).sum();
    }

    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        PeftMethod owner = only(part -> part.owns(parameter));
        if (owner == null) {
            throw new IllegalArgumentException("no start values are known for the parameter " + parameter);
        }
        return owner.initial(parameter, rows, cols, model, random);
    }

    private PeftMethod only(Predicate<PeftMethod> wanted) {
        return parts.stream().filter(wanted).findFirst().orElse(null);
    }

    private <T> T first(Function<PeftMethod, T> asked) {
        return parts.stream().map(asked).filter(Objects::nonNull).findFirst().orElse(null);
    }
}
