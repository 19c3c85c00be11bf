package org.primer4j.cli;

import org.primer4j.model.hub.DownloadListener;
import org.primer4j.progress.Progress;

/** Shows a download as progress in megabytes; delays are lines of the log, where somebody who waits finds them. */
final class DownloadProgress implements DownloadListener {

    private static final long MEGABYTE = 1_000_000;

    private final Progress progress;
    private final Console console;

    DownloadProgress(Progress progress, Console console) {
        this.progress = progress;
        this.console = console;
    }

    @Override
    public void file(String name, long bytes) {
        progress.start(name + " (MB)", megabytes(bytes));
    }

    @Override
    public void received(long bytes) {
        progress.step(megabytes(bytes), "");
    }

    @Override
    public void delayed(String reason) {
        console.log(reason);
    }

    // Rounded up: something is not nothing.
    private static long megabytes(long bytes) {
        return (bytes + MEGABYTE - 1) / MEGABYTE;
    }
}
