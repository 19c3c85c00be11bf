package org.primer4j.model.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.primer4j.files.AtomicFile;

/**
 * Fetches one file into the cache: into {@code blobs/ETAG.incomplete}, from where an earlier run stopped, then checked,
 * put on the disk and renamed to {@code blobs/ETAG}. Whatever has that name is whole and right.
 */
final class BlobDownload {

    private final HubHttp http;
    private final CachedRepository repository;
    private final RemoteFile file;
    private final DownloadListener listener;
    private final Path blob;
    private final Path incomplete;

    BlobDownload(HubHttp http, CachedRepository repository, RemoteFile file, DownloadListener listener) {
        this.http = http;
        this.repository = repository;
        this.file = file;
        this.listener = listener;
        this.blob = repository.blob(file.etag());
        this.incomplete = repository.incomplete(file.etag());
    }

    /** Fetches the file unless it is there. */
    // The lock is held, not used.
    @SuppressWarnings("try")
    void run() throws IOException {
        repository.directory(blob.getParent());
        try (FileMutex lock = FileMutex.acquire(repository.lock(file.etag()), listener)) {
            if (!isThere()) {
                requireRoom();
                listener.file(file.name(), file.size());
                receive();
                verify();
                Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
                AtomicFile.sync(blob.getParent());
            }
        }
    }

    private boolean isThere() throws IOException {
        return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    }

    private void requireRoom() throws IOException {
        long have = Files.isRegularFile(incomplete) ? Files.size(incomplete) : 0;
        FileStore disk = Files.getFileStore(blob.getParent());
        long room = disk.getUsableSpace();
        // Some network file systems tell no sizes.
        if (disk.getTotalSpace() > 0 && file.size() - have > room) {
            throw new DownloadException(blob.getParent() + ": found room for " + room + " bytes; expected " + (file.size() - have) + " for "
                + file.name() + ": make room, or set HF_HUB_CACHE to a folder that has it.");
        }
    }

    private void receive() throws IOException {
        // Not through a link that somebody left under this name.
        try (FileChannel channel = FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
            Transfer transfer = new Transfer(http, repository.reference(), file, channel, listener);
            transfer.run();
            channel.force(true);
        } catch (DeceptionException e) {
            throw deleted(e.getMessage());
        }
    }

    private void verify() throws IOException {
        String hash = BlobHash.like(file.etag(), incomplete);
        if (!hash.equals(file.etag())) {
            throw deleted("found content with the hash " + hash + "; expected " + file.etag());
        }
    }

    private DownloadException deleted(String sentence) throws IOException {
        Files.deleteIfExists(incomplete);
        return new DownloadException(repository.reference() + " " + file.name() + ": " + sentence
            + "; it was deleted: run it again, and check " + HubEndpoint.VARIABLE + " if that does not help.");
    }
}
