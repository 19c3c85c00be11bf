package org.primer4j.priming;

import org.primer4j.training.TrainingSettings;

/**
 * How priming looks at dev tasks: a method is tuned briefly on each from the parameters of the moment, and its dev score counts. The
 * parameters with the best mean score are kept.
 *
 * @param every outer steps between two looks, the last step always being looked at; 0 for none at all
 * @param patience looks without a better score after which priming ends; 0 for never
 * @param steps of tuning on a dev task
 * @param rate of tuning; null for the middle one of the method's default grid
 * @param batch rows a step of tuning
 */
public record Validation(int every, int patience, int steps, Double rate, int batch) {

    /** No dev task is looked at; the last parameters are kept. */
    public static final Validation NONE = new Validation(0, 0, 32, null, 8);

    /** @throws IllegalArgumentException when a number is out of its range, or there is a patience and nothing to wait for */
    public Validation {
        if (every < 0 || patience < 0 || steps < 1 || batch < 1 || batch > TrainingSettings.MOST_BATCH
            || rate != null && !(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("validation needs an interval and a patience of 0 or more, at least 1 step, a rate > 0 and a batch of"
                + " 1 to " + TrainingSettings.MOST_BATCH + ", not interval " + every + ", patience " + patience + ", " + steps + " steps, rate " + rate
                + ", batch " + batch);
        }
        if (patience > 0 && every == 0) {
            throw new IllegalArgumentException("patience is " + patience + ", but dev tasks are never looked at; expected validate_every above 0");
        }
    }

    /** Whether dev tasks are looked at. */
    public boolean isOn() {
        return every > 0;
    }
}
