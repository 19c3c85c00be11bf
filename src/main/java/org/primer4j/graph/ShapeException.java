package org.primer4j.graph;

/** Operands do not fit together; the message names the op and both shapes. */
public final class ShapeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public ShapeException(String sentence) {
        super(sentence);
    }
}
