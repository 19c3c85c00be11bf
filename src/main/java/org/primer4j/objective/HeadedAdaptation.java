package org.primer4j.objective;

import org.primer4j.model.Adaptation;
import org.primer4j.model.Weights;
import org.primer4j.model.WrappedAdaptation;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/**
 * A method of tuning with the objective's own head trained beside it.
 *
 * @param method what tunes the encoder
 * @param objective whose head is trained
 */
public record HeadedAdaptation(Adaptation method, Objective objective) implements WrappedAdaptation {

    private static final double START_DEVIATION = 0.02;

    @Override
    public boolean trains(String tensor) {
        return objective.ownsTensor(tensor) || method.trains(tensor);
    }

    /** The head is never one for all lanes: every method's loop trains it. */
    @Override
    public boolean shares(String tensor) {
        return !objective.ownsTensor(tensor) && method.shares(tensor);
    }

    /** A head that the model does not bring starts normal with deviation 0.02, as BERT's heads do. */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return objective.ownsTensor(parameter) ? StartValues.normal(rows * cols, START_DEVIATION, random)
            : method.initial(parameter, rows, cols, model, random);
    }
}
