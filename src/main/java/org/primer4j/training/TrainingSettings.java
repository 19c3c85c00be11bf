package org.primer4j.training;

/**
 * How a model is trained, whatever on: AdamW under a learning rate that rises and falls linearly.
 *
 * @param steps optimizer steps
 * @param warmup share of the steps over which the rate rises
 * @param dropout probability in the model
 * @param decay weight decay
 * @param clip largest gradient norm; 0 for no clipping
 */
public record TrainingSettings(int steps, double warmup, double dropout, double decay, double clip) {

    /** Most rows, or tasks, of a step. */
    public static final int MOST_BATCH = 1 << 16;

    /** @throws IllegalArgumentException when a number is out of its range */
    public TrainingSettings {
        if (steps < 1 || !(warmup >= 0 && warmup <= 1) || !(dropout >= 0 && dropout < 1) || !(decay >= 0) || !(clip >= 0)) {
            throw new IllegalArgumentException("training needs at least 1 step, a warm-up in [0, 1], dropout in [0, 1), decay and clip of 0 or more, not "
                + steps + " steps, warm-up " + warmup + ", dropout " + dropout + ", decay " + decay + ", clip " + clip);
        }
    }

    /** The rate over the steps. */
    public Schedule schedule(double rate) {
        return new Schedule(rate, (int) Math.round(warmup * steps), steps);
    }

    public Optimizer optimizer() {
        return Optimizer.AdamW.with(decay, clip);
    }
}
