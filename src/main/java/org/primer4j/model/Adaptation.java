package org.primer4j.model;

import org.primer4j.graph.Value;
import org.primer4j.random.Philox;

/**
 * How a model is trained: which of its own tensors move, and what a method puts beside them. A model asks it at each of
 * its linear layers and block outputs.
 */
public interface Adaptation {

    /** Whether one of the model's own tensors is trained. */
    boolean trains(String tensor);

    /** The linear layer {@code name}, {@code [T, in] -> [T, out]}; by default as the model has it. */
    default Value linear(Layers layers, String name, Value x, int out) {
        return layers.baseLinear(name, x, out);
    }

    /** What a block adds to the residual stream; by default as it comes. */
    default Value blockOutput(Layers layers, String site, Value h) {
        return h;
    }

    /**
     * Start values of a parameter that this method added.
     *
     * @param random a stream that belongs to this parameter
     */
    default float[] initial(String parameter, int rows, int cols, Philox random) {
        throw new IllegalArgumentException("no start values are known for the parameter " + parameter);
    }

    /** A model as it was pretrained, nothing trained. */
    static Adaptation frozen() {
        return tensor -> false;
    }
}
