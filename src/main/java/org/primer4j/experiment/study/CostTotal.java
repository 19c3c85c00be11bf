package org.primer4j.experiment.study;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one phase of one recipe cost, all methods, tasks and samples together.
 *
 * @param phase    {@link StudyCost#PRIMING} or {@link StudyCost#TUNING}
 * @param recipe   the recipe
 * @param entries  number of primings or runs
 * @param seconds  the sum of their wall times
 * @param bytes    the most native memory that one of them took
 * @param examples the sum of the examples they read
 */
public record CostTotal(String phase, String recipe, int entries, double seconds, long bytes, long examples) {

    private record Key(String phase, String recipe) {
    }

    /** The totals in the order of {@code costs}. */
    public static List<CostTotal> of(StudyCosts costs) {
        Map<Key, List<StudyCost>> groups = costs.costs().stream()
                .collect(groupingBy(cost -> new Key(cost.phase(), cost.recipe()), LinkedHashMap::new, toList()));
        return groups.entrySet().stream().map(group -> total(group.getKey(), group.getValue())).toList();
    }

    private static CostTotal total(Key key, List<StudyCost> costs) {
        return new CostTotal(key.phase(), key.recipe(), costs.size(), costs.stream().mapToDouble(StudyCost::seconds).sum(),
                costs.stream().mapToLong(StudyCost::bytes).max().orElse(0), costs.stream().mapToLong(StudyCost::examples).sum());
    }
}
