package org.primer4j.model.hub;

/** Does nothing. */
enum SilentListener implements DownloadListener {

    INSTANCE;

    @Override
    public void file(String name, long bytes) {
        // Nobody listens.
    }

    @Override
    public void received(long bytes) {
        // Nobody listens.
    }

    @Override
    public void delayed(String reason) {
        // Nobody listens.
    }
}
