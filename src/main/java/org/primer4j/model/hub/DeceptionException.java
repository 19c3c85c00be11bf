package org.primer4j.model.hub;

/** A server's content is not what the server said it would be. */
final class DeceptionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DeceptionException(String found) {
        super(found);
    }
}
