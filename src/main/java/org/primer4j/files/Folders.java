package org.primer4j.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders with all they hold. */
public final class Folders {

    private Folders() {
    }

    /**
     * A folder's entries, sorted; none where nothing is.
     *
     * @throws java.nio.file.NotDirectoryException where a file is
     */
    public static List<Path> list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return sorted(entries, Comparator.naturalOrder());
        }
    }

    // While it is gone through, a stream of entries says that it cannot be read in its own way.
    private static List<Path> sorted(Stream<Path> entries, Comparator<Path> order) throws IOException {
        try {
            return entries.sorted(order).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Deletes a file, or a folder with all it holds, if it is there. Links are not followed. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path entry : sorted(tree, Comparator.reverseOrder())) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
