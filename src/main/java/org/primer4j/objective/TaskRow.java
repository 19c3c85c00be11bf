package org.primer4j.objective;

import java.util.List;

/** A row of a task as a model reads it. */
public interface TaskRow {

    /**
     * The accepted answers.
     *
     * @throws IllegalStateException when the answer is not known
     */
    List<String> references();

    /** Tokens it takes in a batch, when nothing is shared with other rows. */
    int tokens();
}
