package org.primer4j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a method is tuned on a few-shot sample.
 *
 * @param training of each cell of the grid
 * @param rates learning rates to try, each with each batch size; the cell with the best dev score is kept
 * @param batches rows a step, to try
 * @param evaluateEvery steps between dev scores; the best parameters are kept
 */
public record TuningSettings(TrainingSettings training, List<Double> rates, List<Integer> batches, int evaluateEvery) {

    public TuningSettings {
        rates = List.copyOf(rates);
        batches = List.copyOf(batches);
        if (rates.isEmpty() || batches.isEmpty() || batches.stream().anyMatch(b -> b < 1) || evaluateEvery < 1) {
            throw new IllegalArgumentException("tuning needs a learning rate, a batch size and an evaluation interval of at least 1, not rates " + rates
                + ", batches " + batches + ", every " + evaluateEvery);
        }
    }

    /** Learning rate and batch size of a run. */
    public record Trial(double rate, int batch) {}

    /** All cells, in the order in which they are tried; the first of equals is kept. */
    public List<Trial> trials() {
        return rates.stream().flatMap(rate -> batches.stream().map(batch -> new Trial(rate, batch))).toList();
    }

    /** For results. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("steps", training.steps());
        map.put("batches", batches);
        map.put("learning_rates", rates);
        map.put("warmup", training.warmup());
        map.put("evaluate_every", evaluateEvery);
        map.put("dropout", training.dropout());
        map.put("weight_decay", training.decay());
        map.put("clip", training.clip());
        return map;
    }
}
