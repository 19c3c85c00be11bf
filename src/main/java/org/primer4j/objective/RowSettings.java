package org.primer4j.objective;

import java.util.Map;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;

/**
 * How rows of tasks become what a model reads and learns from. A model primed or tuned under some settings is of use under
 * the same ones only, so they are stored with it.
 */
public interface RowSettings {

    /** What is learned, for results: matching, joint or seq2seq. */
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
        return Seq2SeqSettings.NAME.equals(map.get("objective")) ? Seq2SeqSettings.of(map, place) : ScoringSettings.of(map, place);
    }
}
