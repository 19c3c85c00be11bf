package org.primer4j.model;

import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.random.Philox;

/**
 * How a model is trained: which of its own tensors move, and what a method puts beside them. A model asks it at each of
 * its linear layers and block outputs.
 */
public interface Adaptation {

    /** Whether one of the model's own tensors is trained. */
    boolean trains(String tensor);

    /** Whether a trained tensor of the model is one for all lanes, instead of one a lane. */
    default boolean shares(String tensor) {
        return false;
    }

    /** The linear layer {@code name}, {@code [T, in] -> [T, out]}; by default as the model has it. */
    default Value linear(Layers layers, String name, Value x, int out) {
        return layers.baseLinear(name, x, out);
    }

    /**
     * What a block adds to the residual stream; by default as it comes.
     *
     * @param site  the block's last linear layer or its attention, such as {@code decoder.layers.0.encoder_attn}
     * @param input what the block's first layers read, {@code [T, d]}; after the normalisation where that comes first
     * @param h     what the block made of it, {@code [T, d]}
     */
    default Value blockOutput(Layers layers, String site, Value input, Value h) {
        return h;
    }

    /**
     * Keys and values put before those of every sequence in one attention (Li and Liang 2021); by default none.
     *
     * @param site the attention, such as {@code encoder.layers.0.self_attn}
     * @param d    columns of its keys and values
     * @return null for none
     */
    default Prefix prefix(Layers layers, String site, int d) {
        return null;
    }

    /**
     * Embeddings {@code [promptLength, d]} of virtual tokens (Lester et al. 2021), which a batch names by the ids from the vocabulary's
     * size on; by default none.
     *
     * @return null for none
     */
    default Value prompt(Layers layers, int d) {
        return null;
    }

    /** How many virtual tokens stand before every input of the encoder. */
    default int promptLength() {
        return 0;
    }

    /**
     * By how much the positions of a stack's tokens are moved: a prefix in self-attention counts as tokens before the first, as in
     * the peft library.
     *
     * @param stack {@code encoder} or {@code decoder}
     */
    default int positionShift(String stack) {
        return 0;
    }

    /**
     * Start values of a parameter that this method added.
     *
     * @param model the model's own tensors
     * @param random a stream that belongs to this parameter
     */
    default float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        throw new IllegalArgumentException("no start values are known for the parameter " + parameter);
    }

    /** A model as it was pretrained, nothing trained. */
    static Adaptation frozen() {
        return tensor -> false;
    }
}
