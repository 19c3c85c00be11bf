package org.primer4j.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.primer4j.BadInputException;

/** Writes a file so that it is complete or not there: temporary file beside it, fsync, rename, fsync of the folder. */
public final class AtomicFile {

    /** Writes the content; called once. */
    @FunctionalInterface
    public interface Body {
        void write(FileChannel channel) throws IOException;
    }

    private AtomicFile() {
    }

    /** Writes {@code target}, replacing what is there. An error leaves {@code target} as it was and no other file. */
    public static void write(Path target, Body body) {
        Path temporary = temporaryBeside(target);
        UnfinishedFiles.add(temporary);
        try {
            writeSynced(temporary, body);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            sync(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            delete(temporary, e);
            throw cannotWrite(target, e);
        } catch (RuntimeException | Error e) {
            delete(temporary, e);
            throw e;
        } finally {
            UnfinishedFiles.remove(temporary);
        }
    }

    /** A hidden name, not yet in use, in the folder of {@code target}: renaming it is atomic. */
    static Path temporaryBeside(Path target) {
        return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    /** Creates a file that must not exist yet and puts its content on the disk. */
    public static void writeSynced(Path file, Body body) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            body.write(channel);
            channel.force(true);
        }
    }

    /** As {@link #writeSynced(Path, Body)}, with the content at hand. */
    public static void writeSynced(Path file, byte[] content) throws IOException {
        writeSynced(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /** Puts a folder's entries on the disk. */
    public static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Writes all that remains in {@code bytes}. */
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static void delete(Path file, Throwable cause) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    static BadInputException cannotWrite(Path target, IOException cause) {
        return new BadInputException(target + ": cannot be written: " + reason(cause)
                + "; expected a folder that exists, is writable and has room.", cause);
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException failure && failure.getReason() != null ? failure.getReason() : e.getMessage();
    }
}
