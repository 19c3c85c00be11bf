package org.primer4j.model.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * The folder in which huggingface_hub keeps what it has downloaded, in its layout:
 * {@code models--ORG--NAME/{refs/REVISION, snapshots/COMMIT/FILE -> ../../blobs/ETAG}}. Python and Primer4J share it.
 *
 * @param root the folder; need not exist
 */
public record HubCache(Path root) {

    /** The cache that the environment names, as huggingface_hub finds it. */
    public static HubCache ofEnvironment() {
        return of(System.getenv());
    }

    /** HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub: the first that is set. */
    static HubCache of(Map<String, String> environment) {
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
        for (String variable : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
            if (isSet(environment, variable)) {
                return new HubCache(path(environment.get(variable), home));
            }
        }
        if (isSet(environment, "HF_HOME")) {
            return new HubCache(path(environment.get("HF_HOME"), home).resolve("hub"));
        }
        Path caches = isSet(environment, "XDG_CACHE_HOME") ? path(environment.get("XDG_CACHE_HOME"), home) : home.resolve(".cache");
        return new HubCache(caches.resolve("huggingface").resolve("hub"));
    }

    private static boolean isSet(Map<String, String> environment, String variable) {
        return !environment.getOrDefault(variable, "").isBlank();
    }

    private static Path path(String text, Path home) {
        boolean inHome = text.equals("~") || text.startsWith("~/");
        return (inHome ? home.resolve(text.substring(1).replaceFirst("^/+", "")) : Path.of(text)).toAbsolutePath().normalize();
    }

    /**
     * The folder with a model's files, without asking the network.
     *
     * @throws BadInputException if the model is not there, lacks a file, or a file lies outside the cache
     */
    public Path snapshot(HubReference reference) {
        CachedRepository repository = repository(reference);
        String commit = repository.commit().orElseThrow(() -> new BadInputException("There is no folder '" + reference
            + "', and no such model in the hub cache " + root + "; give --download to fetch it, or a folder."));
        List<String> missing = ModelFiles.missing(repository, commit);
        if (!missing.isEmpty()) {
            throw new BadInputException(repository.snapshot(commit) + ": found no " + String.join(", no ", missing)
                + "; give --download to fetch what is missing of " + reference + ".");
        }
        return repository.snapshot(commit);
    }

    CachedRepository repository(HubReference reference) {
        return new CachedRepository(root, reference);
    }
}
