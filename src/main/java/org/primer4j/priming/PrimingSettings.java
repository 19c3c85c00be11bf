package org.primer4j.priming;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.training.TrainingSettings;

/**
 * How a PLM is primed by multi-task learning.
 *
 * @param training steps, schedule and regularisation
 * @param batch rows a step, each from a task drawn at random
 * @param rate learning rate
 * @param embeddings whether the embedding tables move as well
 */
public record PrimingSettings(TrainingSettings training, int batch, double rate, boolean embeddings) {

    /** @throws IllegalArgumentException when the batch is below 1 or the rate not above 0 */
    public PrimingSettings {
        if (batch < 1 || !(rate > 0)) {
            throw new IllegalArgumentException("priming needs a batch of at least 1 and a rate > 0, not batch " + batch + ", rate " + rate);
        }
    }

    /** For results. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("algorithm", "mtl");
        map.put("tune", "plm");
        map.put("steps", training.steps());
        map.put("batch", batch);
        map.put("learning_rate", rate);
        map.put("warmup", training.warmup());
        map.put("dropout", training.dropout());
        map.put("weight_decay", training.decay());
        map.put("clip", training.clip());
        map.put("embeddings", embeddings);
        return map;
    }
}
