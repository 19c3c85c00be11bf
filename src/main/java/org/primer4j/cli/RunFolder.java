package org.primer4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import org.primer4j.BadInputException;
import org.primer4j.files.Folders;

/**
 * The results of a run under {@code --out}: written to a hidden folder there, and moved into place when all are complete.
 * A run that fails or is interrupted leaves nothing.
 */
final class RunFolder implements AutoCloseable {

    private final Path out;
    private final List<String> entries;
    private final boolean created;
    private final Path staging;
    private boolean committed;

    private RunFolder(Path out, List<String> entries, boolean created) throws IOException {
        this.out = out;
        this.entries = entries;
        this.created = created;
        this.staging = Files.createDirectory(out.resolve(".run-" + UUID.randomUUID() + ".tmp"));
    }

    /**
     * Makes sure that results can be written.
     *
     * @param entries files and folders of a finished run; the last is what marks one
     * @param overwrite whether another run's results may be replaced
     * @throws BadInputException if the folder cannot be written, or holds results that must not be replaced
     */
    static RunFolder open(Path out, List<String> entries, boolean overwrite) {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new BadInputException("--out " + out + ": found a file; expected a new folder or one without results.");
        }
        if (!overwrite) {
            requireNoResults(out, entries);
        }
        try {
            boolean created = !Files.exists(out);
            Files.createDirectories(out);
            return new RunFolder(out, entries, created);
        } catch (IOException e) {
            throw new BadInputException("--out " + out + ": cannot be written (" + e + "); expected a folder you may write to.", e);
        }
    }

    private static void requireNoResults(Path out, List<String> entries) {
        for (String entry : entries) {
            if (Files.exists(out.resolve(entry))) {
                throw new BadInputException("--out " + out + ": found '" + entry
                    + "' of another run there; expected a new folder, or --overwrite to replace it.");
            }
        }
    }

    /** Where to write. */
    Path staging() {
        return staging;
    }

    /** Moves what was written into place, the marking entry last; replaces what another run left. */
    void commit() {
        try {
            for (String entry : entries) {
                Folders.delete(out.resolve(entry));
            }
            for (String entry : entries) {
                if (Files.exists(staging.resolve(entry))) {
                    Files.move(staging.resolve(entry), out.resolve(entry), StandardCopyOption.ATOMIC_MOVE);
                }
            }
            committed = true;
        } catch (IOException e) {
            throw new BadInputException("--out " + out + ": cannot be written (" + e + "); expected a folder that stays as it is.", e);
        }
    }

    @Override
    public void close() {
        try {
            Folders.delete(staging);
            if (created && !committed) {
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new BadInputException("--out " + out + ": the unfinished run cannot be removed (" + e + "); remove it by hand.", e);
        }
    }
}
