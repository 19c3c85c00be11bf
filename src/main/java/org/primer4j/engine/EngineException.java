package org.primer4j.engine;

/** The native engine refused or failed; the message is one sentence. */
public final class EngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EngineException(String sentence) {
        super(sentence);
    }

    public EngineException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
