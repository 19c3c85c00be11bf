package org.primer4j.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.primer4j.BadInputException;

/** Writes a folder of files so that it is complete or not there: a temporary folder beside it, then one rename. */
public final class AtomicFolder {

    /** Writes the files into the folder it is given; called once. */
    @FunctionalInterface
    public interface Body {
        void write(Path folder) throws IOException;
    }

    private AtomicFolder() {
    }

    /** Writes {@code target}, which must not exist or be an empty folder. An error leaves nothing behind. */
    public static void write(Path target, Body body) {
        requireFree(target);
        Path temporary = AtomicFile.temporaryBeside(target);
        UnfinishedFiles.add(temporary);
        try {
            Files.createDirectory(temporary);
            body.write(temporary);
            AtomicFile.sync(temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.sync(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            delete(temporary, e);
            throw AtomicFile.cannotWrite(target, e);
        } catch (RuntimeException | Error e) {
            delete(temporary, e);
            throw e;
        } finally {
            UnfinishedFiles.remove(temporary);
        }
    }

    /**
     * Refuses a folder that {@link #write} would refuse, before work is done for it.
     *
     * @throws BadInputException if it holds something, or is a file, or its parent does not exist
     */
    public static void requireFree(Path target) {
        try {
            Path parent = target.toAbsolutePath().getParent();
            if (parent != null && !Files.isDirectory(parent)) {
                throw new NoSuchFileException(target.toString());
            }
            if (Files.exists(target) && !Folders.list(target).isEmpty()) {
                throw new BadInputException(target + ": found a folder that is not empty; choose a new one.");
            }
        } catch (NotDirectoryException e) {
            throw new BadInputException(target + ": found a file; expected a new or empty folder.", e);
        } catch (IOException e) {
            throw AtomicFile.cannotWrite(target, e);
        }
    }

    private static void delete(Path temporary, Throwable cause) {
        try {
            Folders.delete(temporary);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
