package org.primer4j.experiment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;

/** Writes a text file whole or not at all. */
public final class AtomicText {

    private AtomicText() {
    }

    /**
     * Writes {@code text} as UTF-8, replacing a file that is there.
     *
     * @throws BadInputException if it cannot be written; a file that was there is unchanged and no other is left
     */
    public static void write(Path file, String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        AtomicFile.write(file, channel -> AtomicFile.writeFully(channel, bytes));
    }
}
