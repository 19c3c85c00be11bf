package org.primer4j.experiment.report.live;

import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyResults;

/**
 * A study's state at one moment.
 *
 * @param results what is done, with the manifest of what will be
 * @param costs   what that has cost
 */
public record StudySnapshot(StudyResults results, StudyCosts costs) {
}
