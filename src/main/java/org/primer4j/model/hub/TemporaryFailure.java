package org.primer4j.model.hub;

import java.io.IOException;
import java.time.Duration;

/** A failure after which asking again may help. */
final class TemporaryFailure extends IOException {

    private static final long serialVersionUID = 1L;

    private final Duration pause;

    TemporaryFailure(String reason) {
        this(reason, Duration.ZERO);
    }

    /** @param pause what the server wants to be left alone for */
    TemporaryFailure(String reason, Duration pause) {
        super(reason);
        this.pause = pause;
    }

    Duration pause() {
        return pause;
    }
}
