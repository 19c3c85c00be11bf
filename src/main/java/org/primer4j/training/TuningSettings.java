package org.primer4j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a method is tuned on a few-shot sample.
 *
 * @param training of each cell of the grid
 * @param grid learning rates and batch sizes to try, each with each; the cell with the best dev score is kept
 * @param evaluateEvery steps between dev scores; the best parameters are kept
 */
public record TuningSettings(TrainingSettings training, TuningGrid grid, int evaluateEvery) {

    /** @throws IllegalArgumentException when there is no step between dev scores */
    public TuningSettings {
        if (evaluateEvery < 1) {
            throw new IllegalArgumentException("tuning needs at least 1 step between dev scores, not " + evaluateEvery);
        }
    }

    /** Learning rate and batch size of a run. */
    public record Trial(double rate, int batch) {}

    /** All cells, in the order in which they are tried; the first of equals is kept. */
    public List<Trial> trials() {
        return grid.rates().stream().flatMap(rate -> grid.batches().stream().map(batch -> new Trial(rate, batch))).toList();
    }

    /** For results. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("steps", training.steps());
        map.put("batches", grid.batches());
        map.put("learning_rates", grid.rates());
        map.put("warmup", training.warmup());
        map.put("evaluate_every", evaluateEvery);
        map.put("dropout", training.dropout());
        map.put("weight_decay", training.decay());
        map.put("clip", training.clip());
        return map;
    }
}
