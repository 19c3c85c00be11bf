package org.primer4j.objective;

import java.util.Map;

/**
 * How rows of tasks become what a model reads and learns from. A model primed or tuned under some settings is of use under
 * the same ones only, so they are stored with it.
 */
public interface RowSettings {

    /** What is learned, for results: matching, joint or seq2seq. */
    String objectiveName();

    /** For JSON. */
    Map<String, Object> toMap();
}
