package org.primer4j.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: the running command is interrupted and stops between two native calls, so that no native code runs
 * while the process ends. The JVM itself then ends with 128 + the signal's number.
 */
final class Interruption {

    private static final int PATIENCE_SECONDS = 3;

    private final CountDownLatch finished = new CountDownLatch(1);

    private Interruption() {
    }

    /** Interrupts {@code worker} when the JVM is asked to end. */
    static Interruption install(Thread worker) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interruption.stop(worker), "interruption"));
        return interruption;
    }

    /** The worker is done: there is nothing to interrupt any more. */
    void finished() {
        finished.countDown();
    }

    private void stop(Thread worker) {
        if (finished.getCount() == 0) {
            return;
        }
        worker.interrupt();
        try {
            finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // The JVM is ending; there is no more to wait for.
            Thread.currentThread().interrupt();
        }
    }
}
