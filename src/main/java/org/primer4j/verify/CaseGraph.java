package org.primer4j.verify;

import org.primer4j.engine.Program;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Value;

/** A golden case's model as a graph, whose named outputs are the file's {@code out.*}. */
interface CaseGraph {

    Graph graph();

    /** The mean loss, one a lane. */
    Value loss();

    /** Writes the batch. */
    void write(Program program);

    /**
     * The rows of a padded reference that the engine computes too: it packs sequences without padding.
     *
     * @param output name without {@code out.}
     * @return places among the padded rows, in the engine's order; null when all are
     */
    int[] realRows(String output);
}
