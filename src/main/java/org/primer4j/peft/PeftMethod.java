package org.primer4j.peft;

import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.model.Adaptation;

/** A method of parameter-efficient tuning, or full tuning: a small immutable record. */
public sealed interface PeftMethod extends Adaptation
    permits Lora, Ia3, BottleneckAdapter, ParallelAdapter, PrefixTuning, SlotPrefix, PromptTuning, BitFit, FullTuning, Combination {

    /** What of a model a method changes; a {@link Combination} takes one method for each place. */
    enum Place {
        /** Linear layers; two methods may share them when they change different ones. */
        LAYERS,
        /** What blocks add to the residual stream. */
        BLOCKS,
        /** Keys and values of attention. */
        ATTENTION,
        /** The encoder's input. */
        INPUT,
        /** The model's own biases. */
        BIASES,
        /** All of the model's own tensors: nothing may stand beside it. */
        MODEL
    }

    /** The name on the command line. */
    String methodName();

    /** The settings by name, as results show them. */
    Map<String, Object> settings();

    /** What this method changes. */
    Place place();

    /** Whether a trained tensor is this method's; else it is an objective's head. */
    boolean owns(String tensor);

    /** Whether a linear layer is not as the model has it. */
    default boolean changesLayer(String name) {
        return false;
    }

    /** Probability of the method's own dropout while training; 0 for none. */
    default double dropout() {
        return 0;
    }

    /**
     * Refuses a model that lacks what this method changes, since it would train less than was asked for, or nothing.
     *
     * @param tensors plain names of the model's tensors
     * @throws BadInputException naming what the model lacks
     */
    default void requireFits(Set<String> tensors) {}

    @Override
    default boolean trains(String tensor) {
        return false;
    }
}
