package org.primer4j.priming.meta;

import org.primer4j.training.LossGraph;

/**
 * Makes graphs of one and the same loss.
 *
 * @param <E> a row as the model reads it
 */
@FunctionalInterface
public interface LossGraphs<E> {

    /**
     * A graph, without dropout.
     *
     * @param lanes tasks that are learned side by side
     * @param share of the room for one part of a batch, in (0, 1]
     */
    LossGraph<E> graph(int lanes, double share);
}
