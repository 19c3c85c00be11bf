package org.primer4j.experiment.study;

import java.util.List;
import java.util.Locale;
import org.primer4j.Format;
import org.primer4j.experiment.statistics.SignFlipTest;

/**
 * The smallest p-values that comparisons of one family can have, whatever the scores: with few tasks and many pairs no
 * difference can be significant after the correction.
 *
 * @param tasks    number of tasks, the most that a comparison has
 * @param pValue   the smallest p-value over so many tasks, NaN for none
 * @param pairs    number of comparisons with a p-value
 * @param adjusted the smallest p-value after Holm's correction over these
 */
public record PValueLimit(int tasks, double pValue, int pairs, double adjusted) {

    /** The limit of {@code family}, whose p-values were corrected together. */
    public static PValueLimit of(List<Contrast> family) {
        int tasks = family.stream().mapToInt(pair -> pair.score().tasks()).max().orElse(0);
        int pairs = (int) family.stream().filter(pair -> pair.score().tasks() > 0).count();
        double pValue = SignFlipTest.smallestPValue(tasks);
        return new PValueLimit(tasks, pValue, pairs, Math.min(1, pairs * pValue));
    }

    /** The limit in a sentence; empty where nothing is compared. */
    public String sentence() {
        return pairs == 0 ? "" : String.format(Locale.ROOT, "Over %s no p can be below %.2g, nor below %.2g after the correction over %s.",
                Format.count(tasks, "task"), pValue, adjusted, Format.count(pairs, "pair"));
    }
}
