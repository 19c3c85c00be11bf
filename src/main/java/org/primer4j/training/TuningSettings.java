package org.primer4j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How an adapter is tuned on a few-shot sample.
 *
 * @param steps optimizer steps
 * @param batch rows a step
 * @param rates learning rates to try; the one with the best dev score is kept
 * @param warmup share of the steps over which the rate rises
 * @param evaluateEvery steps between dev scores; the best parameters are kept
 * @param dropout probability in the encoder
 * @param decay weight decay
 * @param clip largest gradient norm
 */
public record TuningSettings(int steps, int batch, List<Double> rates, double warmup, int evaluateEvery, double dropout, double decay, double clip) {

    public TuningSettings {
        rates = List.copyOf(rates);
        if (steps < 1 || batch < 1 || rates.isEmpty() || !(warmup >= 0 && warmup <= 1) || evaluateEvery < 1) {
            throw new IllegalArgumentException("tuning needs steps, batch and evaluation interval of at least 1, a learning rate, and a warm-up in"
                + " [0, 1], not " + steps + " steps, batch " + batch + ", rates " + rates + ", warm-up " + warmup + ", every " + evaluateEvery);
        }
    }

    /** The rate over the steps. */
    public Schedule schedule(double rate) {
        return new Schedule(rate, (int) Math.round(warmup * steps), steps);
    }

    public Optimizer optimizer() {
        return Optimizer.AdamW.with(decay, clip);
    }

    /** For results. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("steps", steps);
        map.put("batch", batch);
        map.put("learning_rates", rates);
        map.put("warmup", warmup);
        map.put("evaluate_every", evaluateEvery);
        map.put("dropout", dropout);
        map.put("weight_decay", decay);
        map.put("clip", clip);
        return map;
    }
}
