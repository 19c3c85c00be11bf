package org.primer4j.engine;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.ops.PairProducts;

/**
 * What the kernels of {@link PairProducts} take for granted: the axis of the pairs has as many rows as the sequences have
 * (query, key) pairs.
 *
 * @param offsets the sequences' offsets
 * @param pairs axis of the pairs
 */
record PairRows(InputBuffer offsets, Axis pairs) {

    /** The check of a node. */
    static PairRows of(Node node, Program program) {
        Axis pairs = node.output(0).shape().axis();
        if (((PairProducts) node.op()).kind() != PairProducts.Kind.PAIR_SCORES) {
            pairs = node.input(0).shape().axis();
        }
        return new PairRows(program.input(((Leaf) node.input(2).node().op()).leafName()), pairs);
    }

    /** Throws when the rows differ; the offsets were checked before. */
    void check(Program program) {
        long found = offsets.squaredLengths();
        if (found != program.rows(pairs)) {
            throw new IllegalArgumentException("the sequences have " + found + " (query, key) pairs, and axis " + pairs + " has "
                + program.rows(pairs) + " rows");
        }
    }
}
