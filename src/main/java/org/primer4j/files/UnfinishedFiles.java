package org.primer4j.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Files and folders that are being written. Ctrl-C ends the JVM without passing the writers' catch blocks: they are deleted then. (Unlike
 * {@link java.io.File#deleteOnExit}, which remembers every name as long as the JVM lives.)
 */
final class UnfinishedFiles {

    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final long POLL_NANOS = 5_000_000L;
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(UnfinishedFiles::deleteAll, "unfinished-files"));
    }

    private UnfinishedFiles() {
    }

    /** Deletes {@code path}, with all that it holds, should the JVM end before {@link #remove}. */
    static void add(Path path) {
        PATHS.add(path.toAbsolutePath());
    }

    /** It is finished, renamed or gone. */
    static void remove(Path path) {
        PATHS.remove(path.toAbsolutePath());
    }

    private static void deleteAll() {
        awaitWriters();
        for (Path path : PATHS.stream().sorted(Comparator.reverseOrder()).toList()) {
            try {
                Folders.delete(path);
            } catch (IOException stillWritten) {
                // The writer goes on until the JVM is gone. Hidden names that are left are removed when the folder is used next.
            }
        }
    }

    // A writer that was interrupted too cleans up itself, and better says so than that its file was taken away.
    private static void awaitWriters() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!PATHS.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
