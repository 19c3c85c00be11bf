package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

class HubCacheTest {

    private static final HubReference MODEL = HubReference.of("org/tiny");

    @TempDir
    Path folder;
    private HubCache cache;
    private Path repository;
    private Path snapshot;

    @BeforeEach
    void write() throws IOException {
        cache = new HubCache(folder.resolve("hub"));
        repository = folder.resolve("hub").resolve("models--org--tiny");
        snapshot = repository.resolve("snapshots").resolve(FakeHub.COMMIT);
        Files.createDirectories(snapshot);
        Files.createDirectories(repository.resolve("refs"));
        Files.createDirectories(repository.resolve("blobs"));
        Files.writeString(repository.resolve("refs/main"), FakeHub.COMMIT);
        put("config.json", "1");
        put("tokenizer.json", "2");
        put("model.safetensors", "3");
    }

    private void put(String name, String blob) throws IOException {
        Files.writeString(repository.resolve("blobs").resolve(blob), "{}");
        Files.createSymbolicLink(snapshot.resolve(name), Path.of("..", "..", "blobs", blob));
    }

    private void refused(HubReference reference, String... said) {
        String message = assertThrows(BadInputException.class, () -> cache.snapshot(reference)).getMessage();
        for (String part : said) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.length() < 800 && message.endsWith("."), message);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "/a, /b, /c, /d, /a",
        "-,  /b, /c, /d, /b",
        "-,  -,  /c, /d, /c/hub",
        "-,  -,  -,  /d, /d/huggingface/hub",
        "-,  -,  -,  -,  /home/me/.cache/huggingface/hub",
        "~/x, -, -,  -,  /home/me/x",
        "'', '', ~,  -,  /home/me/hub",
    })
    void isWherePythonHasIt(String hubCache, String oldHubCache, String home, String caches, String expected) {
        Map<String, String> environment = new HashMap<>(Map.of("HOME", "/home/me"));
        environment.put("HF_HUB_CACHE", hubCache == null ? "" : hubCache);
        environment.put("HUGGINGFACE_HUB_CACHE", oldHubCache == null ? "" : oldHubCache);
        environment.put("HF_HOME", home == null ? "" : home);
        environment.put("XDG_CACHE_HOME", caches == null ? "" : caches);
        assertEquals(Path.of(expected), HubCache.of(environment).root());
    }

    @Test
    void findsASnapshotByBranchAndCommit() {
        assertEquals(snapshot, cache.snapshot(MODEL));
        assertEquals(snapshot, cache.snapshot(HubReference.of("org/tiny@" + FakeHub.COMMIT)));
    }

    @Test
    void saysHowToGetAModelThatIsNotThere() {
        refused(HubReference.of("org/other"), "org/other", folder.toString(), "--download");
        refused(HubReference.of("org/tiny@v2"), "org/tiny@v2", "--download");
        refused(HubReference.of("org/tiny@" + "f".repeat(40)), "--download");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void saysWhatIsMissing(String name) throws IOException {
        Files.delete(repository.resolve(Files.readSymbolicLink(snapshot.resolve(name)).subpath(2, 4)));
        refused(MODEL, name, "--download");
        Files.delete(snapshot.resolve(name));
        refused(MODEL, name, "--download");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "main", "../../../etc", "0123456789abcdef0123456789abcdef0123456", "0123456789ABCDEF0123456789abcdef01234567\u0007\n1"})
    void refusesARefThatIsNoCommit(String content) throws IOException {
        Files.writeString(repository.resolve("refs/main"), content);
        refused(MODEL, "refs/main", "40 hexadecimal digits");
    }

    @Test
    void readsARefWithALineBreak() throws IOException {
        Files.writeString(repository.resolve("refs/main"), FakeHub.COMMIT + "\n");
        assertEquals(snapshot, cache.snapshot(MODEL));
    }

    @Test
    void readsLittleOfAHugeRef() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(repository.resolve("refs/main").toFile(), "rw")) {
            file.setLength(1L << 33);
        }
        refused(MODEL, "refs/main");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors", "generation_config.json"})
    void refusesALinkOutOfTheCache(String name) throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "{}");
        Files.deleteIfExists(snapshot.resolve(name));
        Files.createSymbolicLink(snapshot.resolve(name), outside);
        refused(MODEL, name, "outside the hub cache");
    }

    @Test
    void refusesARefThatIsALinkOutOfTheCache() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), FakeHub.COMMIT);
        Files.delete(repository.resolve("refs/main"));
        Files.createSymbolicLink(repository.resolve("refs/main"), outside);
        refused(MODEL, "refs/main", "outside the hub cache");
    }

    @Test
    void aLoopOfLinksIsAMissingFile() throws IOException {
        Files.delete(snapshot.resolve("config.json"));
        Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("config.json"));
        refused(MODEL, "config.json");
    }

    @Test
    void blobsMayBeSharedWithinTheCacheAndAModelMayLieOnAnotherDisk() throws IOException {
        Path shared = Files.createDirectories(folder.resolve("hub/blobs/ab")).resolve("abc");
        Files.move(repository.resolve("blobs/3"), shared);
        Files.createSymbolicLink(repository.resolve("blobs/3"), Path.of("..", "..", "blobs", "ab", "abc"));
        assertEquals(snapshot, cache.snapshot(MODEL));
        Files.move(shared, repository.resolve("blobs/3"), StandardCopyOption.REPLACE_EXISTING);
        Files.createSymbolicLink(repository, Files.move(repository, folder.resolve("disk")));
        assertEquals(snapshot, cache.snapshot(MODEL));
    }

    @Test
    void copiesInPlaceOfLinksAreFine() throws IOException {
        Files.delete(snapshot.resolve("config.json"));
        Files.writeString(snapshot.resolve("config.json"), "{}");
        assertEquals(snapshot, cache.snapshot(MODEL));
    }

    private void index(String json) throws IOException {
        Files.deleteIfExists(snapshot.resolve("model.safetensors"));
        Files.writeString(snapshot.resolve("model.safetensors.index.json"), json);
    }

    @Test
    void anIndexCallsForItsShards() throws IOException {
        index("{\"weight_map\": {\"a\": \"m-1.safetensors\", \"b\": \"m-2.safetensors\", \"c\": \"m-1.safetensors\"}}");
        refused(MODEL, "no m-1.safetensors, no m-2.safetensors", "--download");
        put("m-1.safetensors", "4");
        refused(MODEL, "no m-2.safetensors");
        put("m-2.safetensors", "5");
        assertEquals(snapshot, cache.snapshot(MODEL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../m.safetensors", "/etc/m.safetensors", "a/m.safetensors", "m.bin", "..safetensors", "m.safetensors\\u0000", ""})
    void refusesAnIndexThatNamesOtherFiles(String name) throws IOException {
        index("{\"weight_map\": {\"a\": \"" + name + "\"}}");
        refused(MODEL, "index.json", "the same folder");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{}|0 file names", "{\"weight_map\": []}|0 file names", "{\"weight_map\": {\"a\": 1}}|found the file name '1'",
        "nonsense|not JSON", "''|0 file names", "{\"weight_map\": {\"a\": \"m.safetensors\", \"a\": \"n.safetensors\"}}|not JSON"})
    void refusesAMalformedIndex(String json, String said) throws IOException {
        index(json);
        refused(MODEL, "index.json", said);
    }

    @Test
    void refusesANestedAndAHugeIndex() throws IOException {
        index("{\"weight_map\": " + "[".repeat(100_000));
        refused(MODEL, "not JSON");
        try (RandomAccessFile file = new RandomAccessFile(snapshot.resolve("model.safetensors.index.json").toFile(), "rw")) {
            file.setLength(1L << 33);
        }
        refused(MODEL, "at most");
    }
}
