package org.primer4j.progress;

import java.io.PrintStream;

/**
 * How a long job tells how far it is. A job is a sequence of phases: {@link #start} opens one and ends the one before,
 * {@link #step} moves on within it, {@link #close} ends the last one. Safe for several threads. Never fails the job.
 *
 * <pre>{@code
 * try (Progress progress = Progress.forStderr()) {
 *     progress.start("priming", 400);
 *     for (int step = 1; step <= 400; step++) {
 *         progress.step(step, "loss " + train());
 *     }
 * }
 * }</pre>
 */
public interface Progress extends AutoCloseable {

    /**
     * Begins a phase.
     *
     * @param phase what is done, a word or two
     * @param total steps it takes, 0 if unknown
     */
    void start(String phase, long total);

    /**
     * Says how far the phase is.
     *
     * @param done    steps done so far, counted from the phase's start
     * @param message what to show beside it, as "loss 0.512"; may be empty
     * @throws IllegalStateException if no phase was started
     */
    void step(long done, String message);

    /** A warning, on a line of its own that stays. */
    void warn(String line);

    /** Ends the last phase. A second call does nothing. */
    @Override
    void close();

    /** A bar where standard error is a terminal, else a line now and then. */
    static Progress forStderr() {
        return Terminal.isStderr() ? new BarProgress(System.err) : new LineProgress(System.err, System::nanoTime);
    }

    /** A line now and then, for a log. */
    static Progress lines(PrintStream out) {
        return new LineProgress(out, System::nanoTime);
    }

    /** Shows nothing: for use inside other programs. */
    static Progress silent() {
        return SilentProgress.INSTANCE;
    }
}
