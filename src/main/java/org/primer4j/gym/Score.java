package org.primer4j.gym;

/**
 * A metric's value for a list of predictions.
 *
 * @param value     the score, always a number; 0 where the metric has no value
 * @param undefined whether the metric has no value: a correlation of constant predictions, or of a prediction that is no
 *                  number. CrossFit's code gives NaN there, which no mean survives; we define it as 0 and count it
 */
public record Score(double value, boolean undefined) {

    /** What stands for a score that does not exist. */
    public static final Score UNDEFINED = new Score(0, true);

    public Score {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a score is a finite number, not " + value);
        }
    }

    /** A value, or {@link #UNDEFINED} if it is NaN. */
    static Score of(double value) {
        return Double.isNaN(value) ? UNDEFINED : new Score(value, false);
    }
}
