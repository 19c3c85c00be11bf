package org.primer4j.priming;

import org.primer4j.model.WrappedAdaptation;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftMethod;

/**
 * A method whose model is trained beside it.
 *
 * @param plm which of the model's own tensors move
 */
record MethodWithPlm(PeftMethod method, FullTuning plm) implements WrappedAdaptation {

    @Override
    public boolean trains(String tensor) {
        return plm.trains(tensor) || method.trains(tensor);
    }
}
