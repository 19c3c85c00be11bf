package org.primer4j;

/**
 * What the user gave cannot be used: a file, an option, a task. The message is one sentence that names the place
 * (file and line, or option), what was found and what was expected; the launcher prints it and exits with status 2.
 */
public final class BadInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BadInputException(String sentence) {
        super(sentence);
    }

    public BadInputException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
