package org.primer4j.model.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps two downloads of the same file apart, in this process and in others. The system releases it when a process ends.
 * Python's locks are of another kind: against those, the hash that is checked at the end protects.
 */
final class FileMutex implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(200);

    // File locks are held by processes, not threads, and closing any channel of the file would release them.
    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

    private final FileChannel channel;

    private FileMutex(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits until the file is locked. */
    static FileMutex acquire(Path file, DownloadListener listener) throws IOException {
        lockInThisProcess();
        try {
            Files.createDirectories(file.getParent());
            return new FileMutex(lock(file, listener));
        } catch (IOException | RuntimeException e) {
            IN_THIS_PROCESS.unlock();
            throw e;
        }
    }

    private static void lockInThisProcess() {
        try {
            IN_THIS_PROCESS.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Retries.cancelled(e);
        }
    }

    private static FileChannel lock(Path file, DownloadListener listener) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            for (boolean told = false; channel.tryLock() == null; told = true) {
                if (!told) {
                    listener.delayed("another process downloads the same file; waiting for it");
                }
                Retries.sleep(PAUSE);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            IN_THIS_PROCESS.unlock();
        }
    }
}
