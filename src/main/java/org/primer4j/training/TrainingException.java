package org.primer4j.training;

/** Training cannot go on: a loss or gradient is not finite. The message names step and values. */
public final class TrainingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TrainingException(String sentence) {
        super(sentence);
    }
}
