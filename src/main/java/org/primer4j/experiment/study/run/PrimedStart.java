package org.primer4j.experiment.study.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.model.Adaptation;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.StartedMethod;

/**
 * What tuning starts from. A cell keeps of it only the tensors that priming moved.
 *
 * @param model     the model
 * @param peftStart start values of a method's parameters; empty for those it draws
 */
record PrimedStart(PretrainedModel model, Map<String, TensorData> peftStart) {

    private static final String PLM = "plm.";
    private static final String PEFT = "peft.";

    static PrimedStart unprimed(PretrainedModel model) {
        return new PrimedStart(model, Map.of());
    }

    /** A method as it starts from here. */
    Adaptation adaptation(PeftMethod method) {
        return peftStart.isEmpty() ? method : new StartedMethod(method, peftStart);
    }

    /** The tensors that are not the base's own. */
    Map<String, TensorData> moved(PretrainedModel base) {
        Map<String, TensorData> moved = new LinkedHashMap<>();
        model.weights().forEach((name, tensor) -> {
            if (base.weights().get(name) != tensor) {
                moved.put(PLM + name, tensor);
            }
        });
        peftStart.forEach((name, tensor) -> moved.put(PEFT + name, tensor));
        return moved;
    }

    /** What {@link #moved} was taken of. */
    static PrimedStart of(PretrainedModel base, Map<String, TensorData> moved) {
        Map<String, TensorData> weights = new LinkedHashMap<>(base.weights());
        Map<String, TensorData> peft = new LinkedHashMap<>();
        moved.forEach((name, tensor) -> {
            if (name.startsWith(PLM)) {
                weights.put(name.substring(PLM.length()), tensor);
            } else {
                peft.put(name.substring(PEFT.length()), tensor);
            }
        });
        return new PrimedStart(base.withWeights(weights), peft);
    }
}
