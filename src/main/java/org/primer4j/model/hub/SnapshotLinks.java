package org.primer4j.model.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Gives a blob its name in a snapshot: a relative link, or a copy where the file system has no links. */
final class SnapshotLinks {

    /** Makes a link, as {@link Files#createSymbolicLink}. */
    @FunctionalInterface
    interface Linker {
        void link(Path link, Path target) throws IOException;
    }

    private final Linker linker;

    SnapshotLinks() {
        this((link, target) -> Files.createSymbolicLink(link, target));
    }

    SnapshotLinks(Linker linker) {
        this.linker = linker;
    }

    /** Puts the blob into the snapshot, replacing what stands under the name; the name is never missing in between. */
    void put(CachedRepository repository, String commit, String name, String etag) throws IOException {
        Path snapshot = repository.directory(repository.snapshot(commit));
        Path blob = repository.blob(etag);
        Path temporary = snapshot.resolve("." + name + "." + UUID.randomUUID() + ".tmp");
        temporary.toFile().deleteOnExit();
        try {
            linkOrCopy(temporary, blob);
            Files.move(temporary, snapshot.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void linkOrCopy(Path link, Path blob) throws IOException {
        try {
            linker.link(link, link.getParent().relativize(blob));
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            // If the disk itself is the trouble, the copy fails too and says so.
            copy(blob, link);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
             FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long done = 0; done < in.size();) {
                done += in.transferTo(done, in.size() - done, out);
            }
            out.force(true);
        }
    }
}
