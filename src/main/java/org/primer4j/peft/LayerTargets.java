package org.primer4j.peft;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Linear layers chosen by the last parts of their names, as peft's {@code target_modules} chooses them. BERT's names of the attention's
 * projections stand for those of BART and T5 as well.
 */
final class LayerTargets {

    private static final Map<String, List<String>> ALSO = Map.of("query", List.of("q_proj", "q"), "key", List.of("k_proj", "k"),
        "value", List.of("v_proj", "v"));

    /** All names that can be asked for, sorted: those of BERT, BART and T5. */
    static final List<String> NAMES = Stream.of("query", "key", "value", "dense", "attention.output.dense", "intermediate.dense", "output.dense",
        "q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "q", "k", "v", "o", "wi", "wi_0", "wi_1", "wo").sorted().toList();

    private LayerTargets() {}

    /** Whether a layer is one of the targets. */
    static boolean match(Set<String> targets, String layer) {
        return targets.stream().flatMap(LayerTargets::names).anyMatch(name -> ends(layer, name));
    }

    /** The targets by the names that a model's layers have. */
    static Set<String> inModel(Set<String> targets, Collection<String> layers) {
        Set<String> found = new TreeSet<>();
        targets.stream().flatMap(LayerTargets::names).filter(name -> layers.stream().anyMatch(layer -> ends(layer, name))).forEach(found::add);
        return found;
    }

    /** Names of the layers among a model's tensors. */
    static Set<String> layers(Collection<String> tensors) {
        return tensors.stream().filter(name -> name.endsWith(".weight")).map(AdapterTensors::module).collect(Collectors.toSet());
    }

    /** The targets whose layers the model does not have. */
    static Set<String> missing(Set<String> targets, Collection<String> layers) {
        Set<String> missing = new LinkedHashSet<>(targets);
        missing.removeIf(target -> layers.stream().anyMatch(layer -> match(Set.of(target), layer)));
        return missing;
    }

    private static Stream<String> names(String target) {
        return Stream.concat(Stream.of(target), ALSO.getOrDefault(target, List.of()).stream());
    }

    private static boolean ends(String layer, String name) {
        return layer.equals(name) || layer.endsWith("." + name);
    }
}
