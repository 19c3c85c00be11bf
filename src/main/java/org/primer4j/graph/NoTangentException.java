package org.primer4j.graph;

/** A tangent was asked through an op that has none; the message names the op and the way out. */
public final class NoTangentException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    public NoTangentException(String sentence) {
        super(sentence);
    }
}
