package org.primer4j.progress;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as a bar with the time left that redraws itself: for a terminal. A finished phase's bar stays. */
final class BarProgress implements Progress {

    private static final int PERIOD_MILLISECONDS = 200;
    private static final int DEFAULT_WIDTH = 80;

    private final PrintStream out;
    private ProgressBar bar;

    BarProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void start(String phase, long total) {
        close();
        bar = new ProgressBarBuilder().setTaskName(PlainText.of(phase)).setInitialMax(total > 0 ? total : -1)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(PERIOD_MILLISECONDS)
                // With a width given, the library does not load JLine's native part, which newer JDKs warn about.
                .setConsumer(new ConsoleProgressBarConsumer(out, width(System.getenv("COLUMNS")))).build();
    }

    @Override
    public synchronized void step(long done, String message) {
        if (bar == null) {
            throw new IllegalStateException("step " + done + " of no phase, expected start() first");
        }
        bar.stepTo(done);
        bar.setExtraMessage(" " + PlainText.of(message));
    }

    // Below what the bar shows now; its next drawing is a line further down.
    @Override
    public synchronized void warn(String line) {
        out.println((bar == null ? "" : System.lineSeparator()) + "warning: " + PlainText.of(line));
        out.flush();
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    /** One column less than the terminal's, as some wrap after the last; COLUMNS is set only by some shells. */
    static int width(String columns) {
        boolean given = columns != null && columns.matches("[1-9]\\d{1,3}");
        return (given ? Integer.parseInt(columns) : DEFAULT_WIDTH) - 1;
    }
}
