package org.primer4j.experiment.study.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.experiment.study.StudyResults;

/** The files of a finished study that people read. */
final class StudyTexts {

    private StudyTexts() {
    }

    /** Texts by file name; the same for the same results. */
    static Map<String, String> of(StudyResults results) {
        return new LinkedHashMap<>();
    }
}
