package org.primer4j.graph;

/** A gradient was asked through an op that has none; the message names the op and the way out. */
public final class NoGradientException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    public NoGradientException(String sentence) {
        super(sentence);
    }
}
