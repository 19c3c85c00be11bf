package org.primer4j.experiment;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Locks within a folder, by number: each is one byte of the file {@value #NAME}, which stays empty. The system releases a
 * process's locks when it ends, however it does. Within one process a folder must have one such object at a time: closing
 * another one releases the locks of both.
 */
final class FolderLock implements AutoCloseable {

    static final String NAME = ".lock";

    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    static FolderLock open(Path folder) throws IOException {
        return new FolderLock(FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    }

    /** A lock, if no other process, and nothing in this one, holds it. */
    Optional<FileLock> tryLock(long number) throws IOException {
        try {
            return Optional.ofNullable(file.tryLock(number, 1, false));
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    /**
     * Waits for a lock.
     *
     * @throws CancellationException when the thread is interrupted
     */
    FileLock lock(long number) throws IOException {
        try {
            return file.lock(number, 1, false);
        } catch (FileLockInterruptionException | ClosedByInterruptException e) {
            throw new CancellationException("the run was interrupted");
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
