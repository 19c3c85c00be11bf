package org.primer4j.priming;

import java.util.Map;
import org.primer4j.model.Parameters;

/** Moves theta one outer step at a time. */
interface OuterLoop extends AutoCloseable {

    /**
     * One outer step.
     *
     * @return the mean loss of its rows or tasks
     * @throws org.primer4j.training.TrainingException when loss or gradient are not finite
     */
    double step(double rate);

    /** What the steps move: one lane. */
    Parameters theta();

    /** The inner loop's learning rates, a number a tensor, as they are at this moment; empty where none are learned. */
    default Map<String, Float> innerRates() {
        return Map.of();
    }

    /** Rows read so far, repeats counted. */
    long examples();

    /** Tokens read so far. */
    long tokens();

    /** Bytes of native memory of programs, parameters and frozen weights. */
    long bytes();

    @Override
    void close();
}
