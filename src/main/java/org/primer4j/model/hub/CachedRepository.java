package org.primer4j.model.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;

/**
 * One model's part of the cache.
 *
 * @param root      the cache
 * @param reference the model
 */
record CachedRepository(Path root, HubReference reference) {

    private static final int MOST_REF_BYTES = 100;

    Path folder() {
        return root.resolve(reference.folderName());
    }

    Path blob(String etag) {
        return folder().resolve("blobs").resolve(etag);
    }

    /** What is there of a file that is being fetched, or was when the process ended. */
    Path incomplete(String etag) {
        return folder().resolve("blobs").resolve(etag + ".incomplete");
    }

    /** Locked by the process that fetches the file. */
    Path lock(String etag) {
        return root.resolve(".locks").resolve(reference.folderName()).resolve(etag + ".lock");
    }

    Path snapshot(String commit) {
        return folder().resolve("snapshots").resolve(commit);
    }

    private Path ref() {
        return folder().resolve("refs").resolve(reference.revision());
    }

    /** The commit that the revision stood for when it was last fetched; empty if it never was. */
    Optional<String> commit() {
        Optional<String> commit = reference.isCommit() ? Optional.of(reference.revision()) : readRef();
        return commit.filter(known -> Files.isDirectory(snapshot(known)));
    }

    private Optional<String> readRef() {
        if (!Files.isRegularFile(ref())) {
            return Optional.empty();
        }
        requireInside(ref());
        try (InputStream in = Files.newInputStream(ref())) {
            String commit = new String(in.readNBytes(MOST_REF_BYTES), StandardCharsets.UTF_8).strip();
            if (!HubReference.isCommit(commit)) {
                throw new BadInputException(ref() + ": found '" + Untrusted.shown(commit) + "'; expected a commit of 40 hexadecimal digits:"
                    + " delete the file and give --download.");
            }
            return Optional.of(commit);
        } catch (IOException e) {
            throw unreadable(ref(), e);
        }
    }

    /** Writes that the revision stands for the commit; a commit needs no such note. */
    void writeRef(String commit) throws IOException {
        if (!reference.isCommit()) {
            Path parent = directory(ref().getParent());
            AtomicFile.write(parent.resolve(ref().getFileName()),
                channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(commit.getBytes(StandardCharsets.UTF_8))));
        }
    }

    /**
     * Whether the snapshot has the file.
     *
     * @throws BadInputException if it is a link to somewhere outside
     */
    boolean has(String commit, String name) {
        Path file = snapshot(commit).resolve(name);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        requireInside(file);
        return true;
    }

    /** Makes a folder below this one's, and sees that it really is there. */
    Path directory(Path folder) throws IOException {
        Files.createDirectories(folder);
        requireInside(folder);
        return folder;
    }

    // A whole model's folder may be a link, to another disk; huggingface_hub links blobs to others in the cache.
    private void requireInside(Path file) {
        try {
            Path real = file.toRealPath();
            if (!real.startsWith(root.toRealPath()) && !real.startsWith(folder().toRealPath())) {
                throw new BadInputException(file + ": found a link to " + real + ", outside the hub cache; expected one within it:"
                    + " delete the link and give --download.");
            }
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": found a link to nothing; delete it and give --download.", e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static BadInputException unreadable(Path file, IOException e) {
        return new BadInputException(file + ": cannot be read (" + e + "); expected a file of the hub cache that you may read.", e);
    }
}
