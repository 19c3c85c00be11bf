package org.primer4j.graph;

/** When a node runs: a run of a program names the stages it wants. */
public enum Stage {
    /** Forward and backward pass of a batch. */
    COMPUTE,
    /** Adds a batch's gradients to the sum of an accumulated step. */
    ACCUMULATE,
    /** Clipping and the optimizer. */
    UPDATE;

    /** The bit of this stage in a run's mask. */
    public int bit() {
        return 1 << ordinal();
    }
}
