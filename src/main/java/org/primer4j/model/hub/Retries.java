package org.primer4j.model.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLHandshakeException;

/** Counts failures in a row, and pauses after each until there were too many. */
final class Retries {

    /** Does something once that may fail for a while. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException;
    }

    private final Patience patience;
    private final String what;
    private final DownloadListener listener;
    private int failures;

    /** @param what is attempted, for the error */
    Retries(Patience patience, String what, DownloadListener listener) {
        this.patience = patience;
        this.what = what;
        this.listener = listener;
    }

    /** Attempts until it succeeds. */
    <T> T until(Attempt<T> attempt) {
        while (true) {
            try {
                return attempt.run();
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    /** There was progress: the count begins again. */
    void progressed() {
        failures = 0;
    }

    /** Pauses before the next attempt, or gives up. */
    void failed(IOException failure) {
        failures++;
        Duration asked = failure instanceof TemporaryFailure temporary ? temporary.pause() : Duration.ZERO;
        if (failures >= patience.attempts() || failure instanceof SSLHandshakeException || asked.compareTo(patience.longestPause()) > 0) {
            throw new DownloadException(what + ": " + reason(failure) + after() + "; run it again later to go on where it stopped.", failure);
        }
        listener.delayed(reason(failure) + "; trying again");
        Duration own = patience.firstPause().multipliedBy(1L << Math.min(failures - 1, 10));
        sleep(asked.compareTo(own) > 0 ? asked : own);
    }

    private String after() {
        return failures == 1 ? "" : " (" + failures + " attempts)";
    }

    private static String reason(IOException failure) {
        if (failure instanceof ConnectException) {
            return "no connection could be made, check the network and HF_ENDPOINT";
        }
        if (failure instanceof SSLHandshakeException) {
            return "no trusted connection could be made, check the network, HF_ENDPOINT and the certificates that Java trusts ("
                + Untrusted.shown(String.valueOf(failure.getMessage())) + ")";
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : Untrusted.shown(failure.getMessage());
    }

    static void sleep(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw cancelled(e);
        }
    }

    /** What to throw when the thread was interrupted. */
    static CancellationException cancelled(Exception cause) {
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("the download was interrupted");
        cancelled.initCause(cause);
        return cancelled;
    }
}
