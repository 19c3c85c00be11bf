package org.primer4j.experiment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.primer4j.BadInputException;

/** Writes a text file whole or not at all: a temporary file in the same folder, forced to disk, then renamed. */
public final class AtomicText {

    private AtomicText() {
    }

    /**
     * Writes {@code text} as UTF-8, replacing a file that is there.
     *
     * @throws BadInputException if it cannot be written; a file that was there is unchanged and no other is left
     */
    public static void write(Path file, String text) {
        try {
            replace(file.toAbsolutePath(), text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new BadInputException("%s cannot be written (%s), expected a writable folder with space for %d characters"
                    .formatted(file, reason(failure), text.length()), failure);
        }
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            force(temporary, bytes);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void force(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    private static String reason(IOException failure) {
        return failure.getClass().getSimpleName().replace("Exception", "") + ": " + failure.getMessage();
    }
}
