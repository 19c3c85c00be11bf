package org.primer4j.model.hub;

/** Hears how a download goes, on the thread that downloads. */
public interface DownloadListener {

    /**
     * A file is about to be fetched.
     *
     * @param bytes its size
     */
    void file(String name, long bytes);

    /** So much of the current file is there, an earlier run's part included. */
    void received(long bytes);

    /** Something delays the download: another process fetches the same file, or the server is asked again. */
    void delayed(String reason);

    /** Hears and does nothing. */
    static DownloadListener silent() {
        return SilentListener.INSTANCE;
    }
}
