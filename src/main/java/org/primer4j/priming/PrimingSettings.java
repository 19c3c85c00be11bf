package org.primer4j.priming;

import org.primer4j.training.TrainingSettings;

/**
 * How the outer loop of priming moves theta; multi-task learning has no other.
 *
 * @param training steps, schedule and regularisation; Reptile has neither weight decay nor clipping
 * @param batch what a step learns from: rows, each from a task drawn at random, in multi-task learning; tasks in meta-learning
 * @param rate peak learning rate of AdamW; Reptile's first share of the way to the adapted parameters
 * @param embeddings whether the embedding tables move as well, where the PLM moves
 */
public record PrimingSettings(TrainingSettings training, int batch, double rate, boolean embeddings) {

    /** @throws IllegalArgumentException when the batch is not in 1 to {@link TrainingSettings#MOST_BATCH} or the rate not above 0 */
    public PrimingSettings {
        if (batch < 1 || batch > TrainingSettings.MOST_BATCH || !(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("priming needs a batch of 1 to " + TrainingSettings.MOST_BATCH + " and a rate > 0, not batch " + batch
                + ", rate " + rate);
        }
    }
}
