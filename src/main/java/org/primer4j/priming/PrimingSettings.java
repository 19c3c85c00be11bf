package org.primer4j.priming;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.training.Optimizer;
import org.primer4j.training.Schedule;

/**
 * How a PLM is primed by multi-task learning.
 *
 * @param steps optimizer steps
 * @param batch rows a step, each from a task drawn at random
 * @param rate learning rate
 * @param warmup share of the steps over which the rate rises
 * @param dropout probability in the encoder
 * @param decay weight decay
 * @param clip largest gradient norm
 * @param embeddings whether the embedding tables move as well
 */
public record PrimingSettings(int steps, int batch, double rate, double warmup, double dropout, double decay, double clip, boolean embeddings) {

    public PrimingSettings {
        if (steps < 1 || batch < 1 || !(rate > 0) || !(warmup >= 0 && warmup <= 1)) {
            throw new IllegalArgumentException("priming needs steps and batch of at least 1, a rate > 0 and a warm-up in [0, 1], not " + steps
                + " steps, batch " + batch + ", rate " + rate + ", warm-up " + warmup);
        }
    }

    /** The rate over the steps. */
    public Schedule schedule() {
        return new Schedule(rate, (int) Math.round(warmup * steps), steps);
    }

    public Optimizer optimizer() {
        return Optimizer.AdamW.with(decay, clip);
    }

    /** For results. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("algorithm", "mtl");
        map.put("tune", "plm");
        map.put("steps", steps);
        map.put("batch", batch);
        map.put("learning_rate", rate);
        map.put("warmup", warmup);
        map.put("dropout", dropout);
        map.put("weight_decay", decay);
        map.put("clip", clip);
        map.put("embeddings", embeddings);
        return map;
    }
}
