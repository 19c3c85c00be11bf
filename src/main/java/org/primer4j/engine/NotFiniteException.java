package org.primer4j.engine;

/** What a model computed is not finite: its weights or trained parameters are of no use. */
public final class NotFiniteException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    public NotFiniteException(String sentence) {
        super(sentence);
    }
}
