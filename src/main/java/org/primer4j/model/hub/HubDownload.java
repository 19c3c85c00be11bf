package org.primer4j.model.hub;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;

/**
 * Fetches models from a hub into the cache; nothing else of this library uses the network. Interrupting the thread ends a
 * download with a {@link java.util.concurrent.CancellationException}; the next one goes on where it stopped.
 */
public final class HubDownload {

    private final HubCache cache;
    private final HubHttp http;
    private final SnapshotLinks links;

    HubDownload(HubCache cache, HubEndpoint endpoint, Patience patience, SnapshotLinks links) {
        this.cache = cache;
        this.http = new HubHttp(endpoint, patience);
        this.links = links;
    }

    /**
     * A download from HF_ENDPOINT (default: the public hub), with HF_TOKEN if set, into the environment's cache.
     *
     * @throws BadInputException if a variable has no usable value, or HF_HUB_OFFLINE forbids it
     */
    public static HubDownload ofEnvironment() {
        return of(System.getenv());
    }

    static HubDownload of(Map<String, String> environment) {
        String offline = environment.getOrDefault("HF_HUB_OFFLINE", "");
        if (Set.of("1", "ON", "YES", "TRUE").contains(offline.toUpperCase(Locale.ROOT))) {
            throw new BadInputException("HF_HUB_OFFLINE is set to " + offline + ", which forbids a download; unset it, or leave out --download.");
        }
        return new HubDownload(HubCache.of(environment), HubEndpoint.of(environment), Patience.standard(), new SnapshotLinks());
    }

    /**
     * Fetches what the cache lacks of a model, and asks what the revision stands for now unless it is a commit that is there.
     *
     * @return the folder with the model's files
     * @throws BadInputException if there is no such model or revision, it may not be read, or it has no safetensors
     * @throws DownloadException if network, server or disk fail, or the content is not what the hub's hash says
     */
    public Path run(HubReference reference, DownloadListener listener) {
        CachedRepository repository = cache.repository(reference);
        if (reference.isCommit() && repository.commit().isPresent() && ModelFiles.missing(repository, reference.revision()).isEmpty()) {
            return repository.snapshot(reference.revision());
        }
        HubApi api = new HubApi(http, reference, listener);
        HubApi.Listing listing = api.listing();
        try {
            List<String> wanted = ModelFiles.wanted(reference, listing.files());
            fetch(repository, api, listing.commit(), wanted, listener);
            if (wanted.contains(ModelFiles.INDEX)) {
                Path index = repository.snapshot(listing.commit()).resolve(ModelFiles.INDEX);
                fetch(repository, api, listing.commit(), ModelFiles.shards(reference, index, listing.files()), listener);
            }
            // Last, so that whoever reads the cache meanwhile finds the commit before or a whole one.
            repository.writeRef(listing.commit());
        } catch (ClosedByInterruptException e) {
            throw Retries.cancelled(e);
        } catch (IOException e) {
            throw new DownloadException(repository.folder() + ": cannot be written: " + reason(e)
                + "; expected a folder that is writable and has room, HF_HUB_CACHE names another.", e);
        }
        return repository.snapshot(listing.commit());
    }

    private void fetch(CachedRepository repository, HubApi api, String commit, List<String> names, DownloadListener listener)
            throws IOException {
        for (String name : names) {
            if (!repository.has(commit, name)) {
                RemoteFile file = api.file(commit, name);
                new BlobDownload(http, repository, file, listener).run();
                links.put(repository, commit, name, file.etag());
            }
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied at " + e.getMessage();
        }
        return e instanceof FileSystemException failure && failure.getReason() != null ? failure.getReason() : String.valueOf(e.getMessage());
    }
}
