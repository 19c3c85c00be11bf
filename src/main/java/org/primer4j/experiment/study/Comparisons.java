package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.primer4j.experiment.statistics.Holm;

/** The contrasts of pairs of recipes, their p-values corrected as one family. */
final class Comparisons {

    private Comparisons() {
    }

    /** Every pair of {@code recipes}, later minus earlier: one family. */
    static List<Contrast> pairs(MethodScores scores, List<String> recipes) {
        List<Contrast> pairs = new ArrayList<>();
        for (int second = 0; second < recipes.size(); second++) {
            for (int first = 0; first < second; first++) {
                Map<String, Double> weights = new LinkedHashMap<>();
                weights.put(recipes.get(second), 1.0);
                weights.put(recipes.get(first), -1.0);
                pairs.add(Contrast.of(scores, weights));
            }
        }
        return adjusted(pairs);
    }

    /** The contrasts with Holm's correction among them, apart for ARG and score. */
    private static List<Contrast> adjusted(List<Contrast> family) {
        double[] arg = holm(family, contrast -> contrast.arg().pValue());
        double[] score = holm(family, contrast -> contrast.score().pValue());
        return IntStream.range(0, family.size()).mapToObj(i -> family.get(i).adjusted(arg[i], score[i])).toList();
    }

    private static double[] holm(List<Contrast> family, ToDoubleFunction<Contrast> pValue) {
        return Holm.adjusted(family.stream().mapToDouble(pValue).toArray());
    }
}
