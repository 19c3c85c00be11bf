package org.primer4j.bench;

import org.primer4j.engine.Program;

/** Training steps of one model over batches that were made before the clock starts. */
interface BenchRun extends AutoCloseable {

    /** What a step's work depends on. */
    interface Sizes {

        /** Tokens that are read or written. */
        int tokens();

        /** Rows of an axis of the program. */
        int rows(String axis);

        /** Sum over the sequences of the product of their lengths along two axes. */
        long pairs(String queries, String keys);
    }

    /** Sizes of a batch. */
    Sizes sizes(int batch);

    /** One step: forward, backward, clip to norm 1, AdamW; returns the loss. */
    float step(int batch);

    /** One step; adds each op's seconds. */
    void profile(int batch, double[] seconds);

    Program program();

    /** Numbers that are trained. */
    long trained();

    @Override
    void close();
}
