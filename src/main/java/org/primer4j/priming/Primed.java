package org.primer4j.priming;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;

/**
 * What priming leaves.
 *
 * @param model the primed PLM, with the objective's head if it has one; the model itself where none of its tensors moved
 * @param peftStart start values of the method's parameters by name; empty if none are kept
 * @param bestStep the outer step whose parameters these are
 * @param result what was done
 * @param bytes of native memory that priming held at its end: programs, parameters, frozen weights; those of looks at dev tasks included
 */
public record Primed(PretrainedModel model, Map<String, TensorData> peftStart, int bestStep, PrimingResult result, long bytes) {

    public Primed {
        peftStart = Collections.unmodifiableMap(new LinkedHashMap<>(peftStart));
    }

    /** Whether any of the model's own tensors moved. */
    public boolean hasMoved(PretrainedModel base) {
        return model != base;
    }
}
