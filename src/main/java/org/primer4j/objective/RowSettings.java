package org.primer4j.objective;

import java.util.Map;

/**
 * How rows of tasks become what a model reads and learns from. A model primed or tuned under some settings is of use under
 * the same ones only, so they are stored with it.
 */
public sealed interface RowSettings permits ScoringSettings {

    /** What is learned, for results: matching or joint. */
    String objectiveName();

    /** For JSON. */
    Map<String, Object> toMap();

    /**
     * Settings from JSON.
     *
     * @param place the file, for errors
     * @throws org.primer4j.BadInputException if a field is missing or wrong
     */
    static RowSettings of(Map<?, ?> map, Object place) {
        return ScoringSettings.of(map, place);
    }
}
