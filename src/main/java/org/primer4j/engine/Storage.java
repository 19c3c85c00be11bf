package org.primer4j.engine;

import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;

/** Where a program finds the leaves that are not batch inputs: weights, parameters, states. */
public interface Storage {

    /**
     * The block that holds the leaf.
     *
     * @param type of the numbers of a packed weight; plain leaves have their own
     */
    Memory memory(Leaf leaf, Packing packing, WeightType type);

    /** Byte offset of the leaf in its block. */
    long offset(Leaf leaf);

    /** Bytes from one lane's copy to the next; 0 for shared leaves. */
    long laneStride(Leaf leaf);
}
