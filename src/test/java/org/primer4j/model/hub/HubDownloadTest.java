package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

/** Downloads from a hub that behaves; {@link HubTroubleTest} has one that does not. */
class HubDownloadTest {

    private static final HubReference MODEL = HubReference.of("org/tiny");

    @TempDir
    Path folder;
    private FakeHub hub;
    private HubFixture fixture;
    private Path repository;

    @BeforeEach
    void start() throws IOException {
        hub = HubFixture.tinyHub();
        fixture = new HubFixture(hub, folder.resolve("hub"));
        repository = folder.resolve("hub/models--org--tiny");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void writesTheLayoutOfHuggingfaceHub() throws IOException {
        Path snapshot = fixture.run(MODEL);
        assertEquals(repository.resolve("snapshots").resolve(FakeHub.COMMIT), snapshot);
        assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/main")));
        assertEquals(Set.of("config.json", "generation_config.json", "tokenizer.json", "model.safetensors"), names(snapshot));
        for (String name : names(snapshot)) {
            byte[] content = hub.files.get(name);
            String etag = name.endsWith(".safetensors") ? Hashes.sha256(content) : Hashes.git(content);
            assertEquals(Path.of("..", "..", "blobs", etag), Files.readSymbolicLink(snapshot.resolve(name)));
            assertArrayEquals(content, Files.readAllBytes(snapshot.resolve(name)));
        }
        assertEquals(4, names(repository.resolve("blobs")).size());
        assertEquals(snapshot, new HubCache(folder.resolve("hub")).snapshot(MODEL));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void fetchesNeitherPicklesNorWhatIsNotOfTheModel() throws IOException {
        hub.file("pytorch_model.bin", new byte[9]);
        hub.file("../../escape", new byte[9]);
        hub.file("/absolute", new byte[9]);
        hub.file("onnx/model.safetensors", new byte[9]);
        fixture.run(MODEL);
        assertEquals(List.of("config.json", "generation_config.json", "tokenizer.json", "model.safetensors"),
            fixture.heard().stream().filter(line -> line.startsWith("file ")).map(line -> line.split(" ")[1]).toList());
        assertEquals(Set.of("hub"), names(folder));
    }

    @Test
    void theTokenGoesToTheHubOnly() {
        fixture.token("hf_secret").run(MODEL);
        for (FakeHub.Request request : hub.requests) {
            String sent = request.headers().get("Authorization");
            assertEquals(request.host().equals("hub") ? "Bearer hf_secret" : null, sent, request.toString());
        }
        assertTrue(hub.requests.stream().anyMatch(request -> request.host().equals("store")));
    }

    @Test
    void withoutATokenNoneIsSent() {
        fixture.run(MODEL);
        assertTrue(hub.requests.stream().noneMatch(request -> request.headers().containsKey("Authorization")));
    }

    @Test
    void aSecondRunAsksOnlyForTheCommit() {
        Path snapshot = fixture.run(MODEL);
        hub.requests.clear();
        assertEquals(snapshot, fixture.run(MODEL));
        assertEquals(List.of("/api/models/org/tiny/revision/main"), hub.requests.stream().map(FakeHub.Request::path).toList());
    }

    @Test
    void aCommitThatIsThereNeedsNoNetwork() throws IOException {
        HubReference commit = HubReference.of("org/tiny@" + FakeHub.COMMIT);
        Path snapshot = fixture.run(commit);
        assertFalse(Files.exists(repository.resolve("refs")), "a commit needs no ref");
        hub.close();
        assertEquals(snapshot, fixture.run(commit));
    }

    @Test
    void aBranchThatMovedBringsOnlyWhatChanged() throws IOException {
        Path before = fixture.run(MODEL);
        String moved = "f".repeat(40);
        hub.revisions.put("main", moved);
        hub.file("config.json", "{\"changed\": true}".getBytes());
        hub.requests.clear();
        Path now = fixture.run(MODEL);
        assertEquals(moved, now.getFileName().toString());
        assertEquals("{\"changed\": true}", Files.readString(now.resolve("config.json")));
        assertEquals("{}", Files.readString(before.resolve("config.json")));
        assertEquals(moved, Files.readString(repository.resolve("refs/main")));
        assertEquals(List.of("/content/" + moved + "/config.json"),
            hub.contentRequests().stream().map(FakeHub.Request::path).filter(path -> path.startsWith("/content")).toList());
    }

    @Test
    void aRevisionMayHaveSlashes() throws IOException {
        hub.revisions.put("refs/pr/1", FakeHub.COMMIT);
        fixture.run(HubReference.of("org/tiny@refs/pr/1"));
        assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/refs/pr/1")));
    }

    @Test
    void fetchesShards() throws IOException {
        hub.files.remove("model.safetensors");
        hub.file("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"m-1.safetensors\", \"b\": \"m-2.safetensors\"}}".getBytes());
        hub.file("m-1.safetensors", HubFixture.bytes(1000, 1));
        hub.file("m-2.safetensors", HubFixture.bytes(2000, 2));
        hub.file("m-3.safetensors", HubFixture.bytes(3000, 3));
        Path snapshot = fixture.run(MODEL);
        assertArrayEquals(hub.files.get("m-2.safetensors"), Files.readAllBytes(snapshot.resolve("m-2.safetensors")));
        assertTrue(Files.exists(snapshot.resolve("m-1.safetensors")) && !Files.exists(snapshot.resolve("m-3.safetensors")));
    }

    @Test
    void refusesAnIndexThatNamesAFileTheModelLacks() {
        hub.files.remove("model.safetensors");
        hub.file("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"m-1.safetensors\"}}".getBytes());
        refused("m-1.safetensors", "index.json");
        assertFalse(Files.exists(repository.resolve("refs/main")), "a ref to half a model");
    }

    private void refused(String... said) {
        String message = assertThrows(BadInputException.class, () -> fixture.run(MODEL)).getMessage();
        HubFixture.assertSays(message, said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void refusesAModelWithoutWhatIsNeededBeforeItFetchesAnything(String name) {
        hub.files.remove(name);
        hub.file("pytorch_model.bin", new byte[9]);
        refused("org/tiny", "no " + name);
        assertEquals(List.of(), hub.contentRequests());
    }

    @Test
    void saysThatThereIsOnlyAPickle() {
        hub.files.remove("model.safetensors");
        hub.file("pytorch_model.bin", new byte[9]);
        refused("pickle", "save_pretrained");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "65536", "1500000"})
    void filesOfAnySize(int size) throws IOException {
        hub.file("model.safetensors", HubFixture.bytes(size, size));
        hub.file("tokenizer.json", HubFixture.bytes(size, size + 1));
        Path snapshot = fixture.run(MODEL);
        assertArrayEquals(hub.files.get("model.safetensors"), Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertArrayEquals(hub.files.get("tokenizer.json"), Files.readAllBytes(snapshot.resolve("tokenizer.json")));
    }

    @Test
    void theListenerHearsEachFileFromItsStartToItsEnd() {
        fixture.run(MODEL);
        assertEquals("file config.json 2", fixture.heard().get(0));
        assertEquals("received 2", fixture.heard().get(1));
        assertEquals("received " + hub.files.get("model.safetensors").length, fixture.heard().get(fixture.heard().size() - 1));
    }

    @Test
    void copiesWhereThereAreNoLinks() throws IOException {
        fixture.links(new SnapshotLinks((link, target) -> {
            throw new FileSystemException(link.toString(), null, "Operation not permitted");
        }));
        Path snapshot = fixture.run(MODEL);
        assertTrue(Files.isRegularFile(snapshot.resolve("config.json"), LinkOption.NOFOLLOW_LINKS));
        assertArrayEquals(hub.files.get("model.safetensors"), Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(4, names(snapshot).size());
        hub.requests.clear();
        assertEquals(snapshot, fixture.run(MODEL));
        assertEquals(1, hub.requests.size());
    }

    @Test
    void replacesADanglingLink() throws IOException {
        Path snapshot = fixture.run(MODEL);
        Files.delete(snapshot.resolve("config.json").toRealPath());
        assertEquals("{}", Files.readString(fixture.run(MODEL).resolve("config.json")));
    }

    @Test
    void replacesABlobOfAnotherSize() throws IOException {
        Path snapshot = fixture.run(MODEL);
        Path blob = snapshot.resolve("model.safetensors").toRealPath();
        Files.write(blob, new byte[3]);
        Files.delete(snapshot.resolve("model.safetensors"));
        fixture.run(MODEL);
        assertArrayEquals(hub.files.get("model.safetensors"), Files.readAllBytes(blob));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blobs", "snapshots", "refs"})
    void writesThroughNoLinkOutOfTheCache(String name) throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.createDirectories(repository);
        Files.createSymbolicLink(repository.resolve(name), outside);
        refused(name, "outside the hub cache");
        try (Stream<Path> files = Files.walk(outside).filter(Files::isRegularFile)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void writesThroughNoLinkThatStandsForAnIncompleteFile() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "mine");
        Files.createDirectories(repository.resolve("blobs"));
        String etag = Hashes.sha256(hub.files.get("model.safetensors"));
        Files.createSymbolicLink(repository.resolve("blobs").resolve(etag + ".incomplete"), outside);
        String message = assertThrows(DownloadException.class, () -> fixture.run(MODEL)).getMessage();
        HubFixture.assertSays(message, "cannot be written");
        assertEquals("mine", Files.readString(outside));
    }

    @Test
    void aCacheThatCannotBeWrittenIsOneSentence() throws IOException {
        Files.writeString(folder.resolve("hub"), "a file");
        String message = assertThrows(DownloadException.class, () -> fixture.run(MODEL)).getMessage();
        HubFixture.assertSays(message, "cannot be written", "HF_HUB_CACHE");
    }

    @Test
    void offlineModeForbidsIt() {
        String message = assertThrows(BadInputException.class, () -> HubDownload.of(Map.of("HF_HUB_OFFLINE", "1"))).getMessage();
        HubFixture.assertSays(message, "HF_HUB_OFFLINE", "unset");
    }
}
