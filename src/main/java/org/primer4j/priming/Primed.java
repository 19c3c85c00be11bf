package org.primer4j.priming;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;

/**
 * What priming leaves.
 *
 * @param model the primed PLM, with the objective's head if it has one; the model itself where none of its tensors moved
 * @param peftStart start values of the method's parameters by name; empty if none are kept
 * @param innerRates learned rates of the inner loop, a number a tensor, at the best step; empty if none are learned
 * @param bestStep the outer step whose parameters these are
 * @param result what was done
 * @param bytes of native memory that priming held at its end: programs, parameters, frozen weights; those of looks at dev tasks included
 */
public record Primed(PretrainedModel model, Map<String, TensorData> peftStart, Map<String, Float> innerRates, int bestStep, PrimingResult result, long bytes) {

    public Primed {
        peftStart = Collections.unmodifiableMap(new LinkedHashMap<>(peftStart));
        innerRates = Collections.unmodifiableMap(new LinkedHashMap<>(innerRates));
    }

    /** Whether any of the model's own tensors moved. */
    public boolean hasMoved(PretrainedModel base) {
        return model != base;
    }
}
