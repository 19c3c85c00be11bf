package org.primer4j.priming;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.TrainedAdapter;

/**
 * What priming moves, told apart: the model's own tensors with the objective's head, and the parameters that a method put beside them.
 * What a method moves of the model itself, as BitFit the biases, is the model's.
 */
final class Theta {

    private static final String BEST = "best_values";

    private final PretrainedModel base;
    private final Parameters parameters;
    private final Map<String, ParameterTensor> ofModel = new LinkedHashMap<>();
    private final Map<String, ParameterTensor> ofMethod = new LinkedHashMap<>();

    /**
     * @param method null for none
     * @param parameters what moves, one lane
     */
    Theta(PretrainedModel base, PeftMethod method, Parameters parameters) {
        this.base = base;
        this.parameters = parameters;
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            TensorData old = base.weights().get(entry.name());
            boolean added = old == null && method != null && method.owns(entry.name());
            long[] shape = added ? TrainedAdapter.shape(entry) : old != null ? old.shape() : new long[] {entry.rows(), entry.cols()};
            (added ? ofMethod : ofModel).put(entry.name(), new ParameterTensor(parameters, entry, shape));
        }
    }

    /** Names of the model's own tensors that move. */
    Set<String> moving() {
        return ofModel.keySet();
    }

    /** All of the model's tensors; those that move are read as they are at that moment. */
    Map<String, TensorData> weights() {
        Map<String, TensorData> weights = new LinkedHashMap<>(base.weights());
        weights.putAll(ofModel);
        return weights;
    }

    /** Start values of the method's parameters, each read as it is at that moment. */
    Map<String, TensorData> peftStart() {
        return Map.copyOf(ofMethod);
    }

    /** Remembers the parameters of this moment. */
    void keep() {
        parameters.copyLane(Parameters.VALUES, BEST, 0);
    }

    /** Goes back to what was remembered. */
    void restore() {
        parameters.copyLane(BEST, Parameters.VALUES, 0);
    }

    /** A copy of the model as it is now; the model itself where none of it moves. */
    PretrainedModel model() {
        if (ofModel.isEmpty()) {
            return base;
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>(base.weights());
        ofModel.forEach((name, tensor) -> tensors.put(name, tensor.copy()));
        return base.withWeights(tensors);
    }

    /** A copy of {@link #peftStart}, in the order of the parameters. */
    Map<String, TensorData> peftStartNow() {
        Map<String, TensorData> start = new LinkedHashMap<>();
        ofMethod.forEach((name, tensor) -> start.put(name, tensor.copy()));
        return start;
    }
}
