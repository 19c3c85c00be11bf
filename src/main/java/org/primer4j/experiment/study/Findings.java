package org.primer4j.experiment.study;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The two findings of arXiv 2212.01032 as contrasts between groups of recipes. Groups are compared within strata and the
 * strata averaged with equal weight, so that what a study has more recipes of does not tip the balance: tunables within
 * the same algorithm, algorithms within the same tunable. Strata that lack one of the groups do not count.
 */
final class Findings {

    private final MethodScores scores;
    private final List<StudyPriming> recipes;

    private Findings(StudyResults results, MethodScores scores) {
        this.scores = scores;
        Map<String, StudyPriming> byRecipe = new LinkedHashMap<>();
        results.primings().forEach(priming -> byRecipe.putIfAbsent(priming.recipe(), priming));
        recipes = List.copyOf(byRecipe.values());
    }

    /** @param scores means over all methods */
    static List<Finding> of(StudyResults results, MethodScores scores) {
        Findings findings = new Findings(results, scores);
        Map<String, Map<String, Double>> tunable = new LinkedHashMap<>();
        tunable.put("plm minus peft", findings.weights(StudyPriming::algorithm, tunes("plm"), tunes("peft")));
        tunable.put("plm minus both", findings.weights(StudyPriming::algorithm, tunes("plm"), tunes("both")));
        Predicate<StudyPriming> mtl = recipe -> recipe.algorithm().equals("mtl");
        Map<String, Map<String, Double>> algorithm = new LinkedHashMap<>();
        algorithm.put("mtl minus meta-learning", findings.weights(StudyPriming::tune, mtl, mtl.negate()));
        return List.of(findings.finding("Priming the PLM only is better than priming PEFT parameters only or both", tunable),
                findings.finding("Multi-task priming is better than meta-learning", algorithm));
    }

    private static Predicate<StudyPriming> tunes(String what) {
        return recipe -> recipe.tune().equals(what);
    }

    private Finding finding(String statement, Map<String, Map<String, Double>> weights) {
        Map<Boolean, List<String>> tested = weights.keySet().stream()
                .collect(partitioningBy(name -> !weights.get(name).isEmpty()));
        // All parts must hold, which needs no correction for their number (an intersection-union test: Berger 1982).
        Map<String, Contrast> parts = new LinkedHashMap<>();
        tested.get(true).forEach(name -> parts.put(name, Contrast.of(scores, weights.get(name))));
        return new Finding(statement, parts, tested.get(false));
    }

    /** The recipes' weights in: group minus other, averaged over the strata that have both; empty if none has. */
    private Map<String, Double> weights(Function<StudyPriming, String> stratum, Predicate<StudyPriming> group,
                                        Predicate<StudyPriming> other) {
        List<List<StudyPriming>> strata = new ArrayList<>(recipes.stream()
                .collect(groupingBy(stratum, LinkedHashMap::new, toList())).values());
        strata.removeIf(members -> members.stream().noneMatch(group) || members.stream().noneMatch(other));
        Map<String, Double> weights = new LinkedHashMap<>();
        for (List<StudyPriming> members : strata) {
            add(weights, members.stream().filter(group).toList(), 1.0 / strata.size());
            add(weights, members.stream().filter(other).toList(), -1.0 / strata.size());
        }
        return weights;
    }

    private static void add(Map<String, Double> weights, List<StudyPriming> members, double total) {
        members.forEach(member -> weights.put(member.recipe(), total / members.size()));
    }
}
