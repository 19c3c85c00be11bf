package org.primer4j.experiment.report;

import org.primer4j.experiment.study.StudyCost;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyResults;

/** How long the rest of a study may take. */
final class Remaining {

    private Remaining() {
    }

    /** Seconds of one process: the tuning runs left at the mean time of those done; NaN before the first. Primings left are not counted. */
    static double seconds(StudyResults results, StudyCosts costs) {
        double mean = costs.costs().stream().filter(cost -> cost.phase().equals(StudyCost.TUNING))
                .mapToDouble(StudyCost::seconds).average().orElse(Double.NaN);
        return mean * (results.manifest().plannedRuns() - results.runs().size());
    }
}
