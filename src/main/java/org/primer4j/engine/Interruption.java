package org.primer4j.engine;

import java.util.concurrent.CancellationException;

/** How a long run is cancelled: another thread interrupts the running one, which stops between two native calls. */
public final class Interruption {

    private Interruption() {}

    /** @throws CancellationException when this thread was interrupted */
    public static void check() {
        if (Thread.interrupted()) {
            throw new CancellationException("the run was interrupted");
        }
    }
}
