package org.primer4j.progress;

/** Shows nothing. */
enum SilentProgress implements Progress {

    INSTANCE;

    @Override
    public void start(String phase, long total) {
        // Nothing is shown.
    }

    @Override
    public void step(long done, String message) {
        // Nothing is shown.
    }

    @Override
    public void warn(String line) {
        // Nothing is shown.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
