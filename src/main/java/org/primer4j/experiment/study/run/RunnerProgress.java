package org.primer4j.experiment.study.run;

import java.util.Locale;
import org.primer4j.progress.Progress;

/** How far a study is, in rows that are read: a priming's steps count as it goes, a tuning cell when it is done. */
final class RunnerProgress {

    private final Progress progress;
    private final Runnable whenFinished;
    private final long total;
    private long done;
    private long current;
    private String what = "";

    /**
     * @param total        rows that the missing cells read
     * @param whenFinished called after each cell
     */
    RunnerProgress(Progress progress, long total, Runnable whenFinished) {
        this.progress = progress;
        this.total = total;
        this.whenFinished = whenFinished;
        progress.start("experiment", total);
    }

    /** A cell is begun. */
    void begin(long work, String name) {
        current = work;
        what = name;
        show(0, "");
    }

    /** It is finished. */
    void finished(long work) {
        done += work;
        current = 0;
        show(0, "");
        whenFinished.run();
    }

    /** A warning about the present cell. */
    void warn(String line) {
        progress.warn(what + ": " + line);
    }

    private void show(double share, String message) {
        // Another process may have done some of the cells counted, so that nothing goes above the total.
        progress.step(Math.min(total, done + Math.round(share * current)), String.format(Locale.ROOT, "%s %s", what, message).strip());
    }

    /** The progress of what the present cell does: its phases are not shown as such. */
    Progress within() {
        return new Progress() {

            private long steps;

            @Override
            public void start(String phase, long total) {
                steps = total;
            }

            @Override
            public void step(long step, String message) {
                show(steps > 0 ? (double) Math.min(step, steps) / steps : 0, message);
            }

            @Override
            public void warn(String line) {
                RunnerProgress.this.warn(line);
            }

            @Override
            public void close() {
                // The study's goes on.
            }
        };
    }
}
