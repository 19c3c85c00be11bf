package org.primer4j.experiment;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.primer4j.BadInputException;

/** A run's folder could not be written: the disk is full, or it is not writable any more. What was finished before is whole. */
public final class WriteException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Reads or writes files. */
    @FunctionalInterface
    public interface Action<T> {
        T run() throws IOException;
    }

    WriteException(Path folder, Exception cause) {
        super(sentence(folder, cause), cause);
    }

    private static String sentence(Path folder, Exception cause) {
        if (cause instanceof BadInputException) {
            return cause.getMessage();
        }
        boolean named = cause instanceof FileSystemException failure && failure.getReason() != null;
        return folder + ": cannot be written (" + (named ? ((FileSystemException) cause).getReason() : cause.toString())
                + "); expected a folder that you may write to, with room.";
    }

    /**
     * Does what writes into a run's folder.
     *
     * @throws WriteException        if that fails
     * @throws CancellationException if the thread was interrupted meanwhile
     */
    public static <T> T checked(Path folder, Action<T> action) {
        try {
            return action.run();
        } catch (IOException | BadInputException e) {
            if (e instanceof ClosedByInterruptException || e.getCause() instanceof ClosedByInterruptException) {
                throw new CancellationException("the run was interrupted");
            }
            throw new WriteException(folder, e);
        }
    }
}
