package org.primer4j.progress;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.primer4j.Format;

/**
 * Progress as plain lines, for logs: "priming 120/400 (30 %), loss 0.512, 0:43 left". One at most every five seconds,
 * and one at each phase's end: "priming 400/400 (100 %), loss 0.402, took 2:21".
 */
final class LineProgress implements Progress {

    private static final long PERIOD = TimeUnit.SECONDS.toNanos(5);

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private String phase;
    private long total;
    private long done;
    private String message;
    private long started;
    private long printed;

    /** @param nanoTime the clock, as {@link System#nanoTime} */
    LineProgress(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void start(String phase, long total) {
        close();
        this.phase = PlainText.of(phase);
        this.total = total;
        done = 0;
        message = "";
        started = nanoTime.getAsLong();
        printed = started;
    }

    @Override
    public synchronized void step(long done, String message) {
        if (phase == null) {
            throw new IllegalStateException("step " + done + " of no phase, expected start() first");
        }
        this.done = done;
        this.message = PlainText.of(message);
        long now = nanoTime.getAsLong();
        if (now - printed >= PERIOD && done != total) {
            printed = now;
            print(timeLeft(now));
        }
    }

    @Override
    public synchronized void warn(String line) {
        out.println("warning: " + PlainText.of(line));
        out.flush();
    }

    @Override
    public synchronized void close() {
        if (phase != null) {
            print("took " + Format.duration(seconds(nanoTime.getAsLong())));
            phase = null;
        }
    }

    private void print(String time) {
        String share = total > 0 ? String.format(Locale.ROOT, "/%d (%d %%)", total, 100 * done / total) : "";
        String note = message.isEmpty() ? "" : ", " + message;
        out.println(phase + " " + done + share + note + (time.isEmpty() ? "" : ", " + time));
        out.flush();
    }

    private String timeLeft(long now) {
        return total <= 0 || done <= 0 ? "" : Format.duration(seconds(now) * (total - done) / done) + " left";
    }

    private double seconds(long now) {
        return (now - started) / 1e9;
    }
}
