package org.primer4j.training;

import org.primer4j.objective.Capacity;
import org.primer4j.objective.RowSettings;
import org.primer4j.objective.ScoringSettings;

/** Makes learners of settings. */
public final class Learners {

    private Learners() {}

    /**
     * The learner of some settings.
     *
     * @param maxTokens room for one part of a batch, in tokens of the inputs
     */
    public static Learner<?> of(RowSettings settings, int maxTokens) {
        return new ScoringLearner((ScoringSettings) settings, Capacity.ofTokens(maxTokens));
    }
}
