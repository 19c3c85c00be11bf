package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

/** Downloads from a hub that cuts, stalls, lies, refuses and is busy. */
@Timeout(120)
class HubTroubleTest {

    private static final HubReference MODEL = HubReference.of("org/tiny");

    @TempDir
    Path folder;
    private FakeHub hub;
    private HubFixture fixture;
    private Path blobs;
    private byte[] weights;
    private Path blob;
    private Path incomplete;

    @BeforeEach
    void start() throws IOException {
        hub = HubFixture.tinyHub();
        // The small files come first and cost a request each; troubles are for the weights.
        hub.files.remove("generation_config.json");
        fixture = new HubFixture(hub, folder.resolve("hub"));
        blobs = folder.resolve("hub/models--org--tiny/blobs");
        weights(HubFixture.WEIGHTS);
    }

    private void weights(int size) {
        weights = HubFixture.bytes(size, 8);
        hub.file("model.safetensors", weights);
        blob = blobs.resolve(Hashes.sha256(weights));
        incomplete = blobs.resolve(Hashes.sha256(weights) + ".incomplete");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private void trouble(Trouble... troubles) {
        hub.trouble(Trouble.none(), Trouble.none());
        hub.trouble(troubles);
    }

    private void assertFetched() throws IOException {
        assertArrayEquals(weights, Files.readAllBytes(fixture.run(MODEL).resolve("model.safetensors")));
        assertFalse(Files.exists(incomplete));
    }

    private void assertFails(String... said) throws IOException {
        String message = assertThrows(DownloadException.class, () -> fixture.run(MODEL)).getMessage();
        HubFixture.assertSays(message, said);
        assertFalse(Files.exists(blob), "a blob that is not whole");
        assertFalse(Files.exists(folder.resolve("hub/models--org--tiny/refs/main")), "a ref to half a model");
    }

    private List<String> ranges() {
        return hub.requests.stream().filter(request -> request.host().equals("store") && request.method().equals("GET"))
            .map(request -> request.headers().getOrDefault("Range", "whole")).toList();
    }

    @Test
    void goesOnAfterCuts() throws IOException {
        trouble(Trouble.cutAfter(100_000), Trouble.cutAfter(50_000));
        assertFetched();
        assertEquals(3, ranges().size());
        assertEquals("whole", ranges().get(0));
        assertTrue(ranges().get(1).matches("bytes=\\d+-"), ranges().toString());
        List<String> validators = hub.requests.stream().filter(request -> request.host().equals("store"))
            .map(request -> request.headers().get("If-range")).filter(Objects::nonNull).toList();
        assertEquals(2, validators.size(), "the store's own ETag guards a range");
    }

    @Test
    void goesOnWhereAnEarlierRunStopped() throws IOException {
        Files.createDirectories(blobs);
        Files.write(incomplete, Arrays.copyOf(weights, 123_457));
        assertFetched();
        assertEquals(List.of("bytes=123457-"), ranges());
    }

    @Test
    void anEarlierRunMayHaveReceivedEverything() throws IOException {
        Files.createDirectories(blobs);
        Files.write(incomplete, weights);
        assertFetched();
        assertEquals(List.of(), ranges());
    }

    @Test
    void startsAgainWhenTheServerKnowsNoRanges() throws IOException {
        trouble(Trouble.cutAfter(100_000), Trouble.ignoreRange());
        assertFetched();
    }

    @Test
    void startsAgainWhenTheContentChangedInBetween() throws IOException {
        trouble(Trouble.cutAfter(100_000), (exchange, content) -> {
            exchange.getResponseHeaders().set("ETag", "\"other\"");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        });
        assertFetched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 0-299999/300000", "bytes 5-299999/300000", "", "nonsense"})
    void startsAgainAfterARangeThatWasNotAskedFor(String range) throws IOException {
        trouble(Trouble.cutAfter(100_000), Trouble.range(range));
        assertFetched();
        assertEquals("whole", ranges().get(ranges().size() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 100000-299998/299999", "bytes 100000-299999", "bytes 100000-"})
    void refusesARangeOfAFileOfAnotherSize(String range) throws IOException {
        Files.createDirectories(blobs);
        Files.write(incomplete, Arrays.copyOf(weights, 100_000));
        trouble(Trouble.range(range));
        assertFails("model.safetensors", "300000", "deleted");
    }

    @Test
    void startsAgainWhenTheServerRefusesTheRange() throws IOException {
        trouble(Trouble.cutAfter(100_000), Trouble.status(416));
        assertFetched();
    }

    @Test
    void aPartThatIsTooLongIsNotUsed() throws IOException {
        Files.createDirectories(blobs);
        Files.write(incomplete, new byte[weights.length + 1]);
        assertFetched();
        assertEquals(List.of("whole"), ranges());
    }

    @Test
    void aWrongPartOfAnEarlierRunIsDeletedAndTheNextRunIsRight() throws IOException {
        Files.createDirectories(blobs);
        Files.write(incomplete, new byte[1000]);
        assertFails("model.safetensors", "hash", Hashes.sha256(weights), "deleted", "run it again");
        assertFalse(Files.exists(incomplete));
        assertFetched();
    }

    @Test
    void goesOnAfterAStall() throws IOException {
        fixture.impatient();
        trouble(Trouble.stallAfter(100_000));
        assertFetched();
        assertTrue(fixture.heard().stream().anyMatch(line -> line.startsWith("delayed no data came")), fixture.heard().toString());
    }

    @Test
    void asksAgainWhenNoAnswerComes() throws IOException {
        fixture.impatient();
        trouble(Trouble.silence());
        hub.hubTroubles.add(Trouble.silence());
        assertFetched();
    }

    /** Whatever a JDK's request timeout covers (JDK-8208693): silence is what counts, not how long the whole takes. */
    @Test
    void aSlowBodyMayTakeLongerThanASilence() throws IOException {
        fixture.impatient();
        trouble(Trouble.slow(8, 300));
        assertFetched();
        assertEquals(List.of("whole"), ranges());
    }

    @Test
    void givesUpWhenEveryConnectionStalls() throws IOException {
        fixture.impatient();
        trouble(Trouble.stallAfter(100), Trouble.stallAfter(100), Trouble.stallAfter(100));
        assertFails("model.safetensors", "no data came", "3 attempts", "run it again");
        assertEquals(300, Files.size(incomplete), "what came is kept for the next run");
        assertFetched();
    }

    @Test
    void givesUpOnAServerThatGivesAByteEachTime() throws IOException {
        trouble(IntStream.range(0, 50).mapToObj(i -> Trouble.cutAfter(1)).toArray(Trouble[]::new));
        assertFails("model.safetensors", "3 attempts");
        assertTrue(hub.contentTroubles.size() >= 40, "it went on for long");
    }

    @Test
    void anyNumberOfCutsIsFineWhileThereIsProgress() throws IOException {
        weights(8_000_000);
        trouble(IntStream.range(0, 6).mapToObj(i -> Trouble.cutAfter(1_200_000)).toArray(Trouble[]::new));
        assertFetched();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429, 408})
    void asksAgainWhenTheHubIsBusy(int status) throws IOException {
        hub.hubTroubles.add(Trouble.status(status));
        trouble(Trouble.status(status), Trouble.status(status));
        assertFetched();
    }

    @Test
    void waitsAsLongAsTheServerAsks() throws IOException {
        hub.hubTroubles.add(Trouble.status(429, "Retry-After", "1"));
        long begin = System.nanoTime();
        assertFetched();
        assertTrue(System.nanoTime() - begin >= 1_000_000_000L);
    }

    @Test
    void doesNotWaitForAnHour() throws IOException {
        hub.hubTroubles.add(Trouble.status(429, "Retry-After", "3600"));
        assertFails("429", "too many requests", "later");
        assertEquals(1, hub.requests.size());
    }

    @Test
    void givesUpWhenTheHubStaysBusy() throws IOException {
        hub.hubTroubles.addAll(List.of(Trouble.status(503), Trouble.status(503), Trouble.status(503)));
        assertFails("org/tiny", "503", "3 attempts");
    }

    @Test
    void aHubThatIsNotThere() throws IOException {
        hub.close();
        assertFails("org/tiny", "no connection", "HF_ENDPOINT");
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefusedAtOnce() throws Exception {
        try (UntrustedHub untrusted = new UntrustedHub(folder)) {
            fixture.endpoint(untrusted.endpoint());
            assertFails("org/tiny", "no trusted connection", "PKIX");
            assertTrue(fixture.heard().isEmpty(), fixture.heard().toString());
        }
    }

    @Test
    void moreThanWasAnnouncedIsRefused() throws IOException {
        trouble(Trouble.chunked(Arrays.copyOf(weights, weights.length + 1)));
        assertFails("model.safetensors", "more than the 300000 bytes", "deleted");
        assertFalse(Files.exists(incomplete));
    }

    @Test
    void anotherLengthThanTheHubsIsRefused() throws IOException {
        trouble(Trouble.other(new byte[10]));
        assertFails("model.safetensors", "10 bytes", "300000", "deleted");
        assertFalse(Files.exists(incomplete));
    }

    @Test
    void lessThanWasAnnouncedIsACut() throws IOException {
        trouble(Trouble.chunked(Arrays.copyOf(weights, 1000)));
        assertFetched();
    }

    @Test
    void otherContentIsRefused() throws IOException {
        byte[] other = weights.clone();
        other[weights.length - 1] ^= 1;
        trouble(Trouble.other(other));
        assertFails("model.safetensors", Hashes.sha256(other), Hashes.sha256(weights), "deleted");
        assertFalse(Files.exists(incomplete));
        assertFetched();
    }

    @Test
    void otherContentOfASmallFileIsRefused() throws IOException {
        hub.trouble(Trouble.other("[]".getBytes(StandardCharsets.UTF_8)));
        assertFails("config.json", Hashes.git("[]".getBytes(StandardCharsets.UTF_8)), "deleted");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "X-Linked-Etag | \"../../escape\"         | ETag",
        "X-Linked-Etag | \"/etc/passwd\"          | ETag",
        "X-Linked-Etag | \"d41d8cd98f00b204-17\"  | ETag",
        "ETag          | W/\"abc\"                | ETag",
        "ETag          | ''                       | ETag",
        "X-Linked-Size | -1                       | size",
        "X-Linked-Size | 99999999999999999999     | size",
        "Content-Length| x                        | header",
        "X-Repo-Commit | ffffffffffffffffffffffffffffffffffffffff | commit",
    })
    void refusesDescriptionsThatCannotBeRight(String header, String value, String said) throws IOException {
        hub.lies.put(header, value);
        assertFails(said, "HF_ENDPOINT");
    }

    @Test
    void aHubThatTellsTheCommitNowhereIsNone() throws IOException {
        hub.lies.put("X-Repo-Commit", "");
        assertFails("commit ''", "HF_ENDPOINT");
    }

    @Test
    void aWeakValidatorOfTheRightHashIsFine() throws IOException {
        hub.lies.put("X-Linked-Etag", "W/\"" + Hashes.sha256(weights) + "\"");
        assertFetched();
    }

    @Test
    void saysWhenTheDiskIsTooSmall() throws IOException {
        hub.lies.put("X-Linked-Size", "900000000000000");
        assertFails("room", "900000000000000", "HF_HUB_CACHE");
        assertEquals(List.of(), ranges());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "401 | ''               | check the name",
        "403 | GatedRepo        | accept the model's conditions",
        "404 | RepoNotFound     | no such model",
        "404 | RevisionNotFound | no revision 'main'",
        "404 | ''               | no such model",
    })
    void saysWhyTheHubRefuses(int status, String code, String said) {
        hub.hubTroubles.add(Trouble.status(status, "X-Error-Code", code));
        String message = assertThrows(BadInputException.class, () -> fixture.run(MODEL)).getMessage();
        HubFixture.assertSays(message, "org/tiny", said);
        assertEquals(1, hub.requests.size(), "asked again in vain");
    }

    @Test
    void saysThatTheTokenIsNotAccepted() {
        hub.hubTroubles.add(Trouble.status(401));
        String message = assertThrows(BadInputException.class, () -> fixture.token("hf_secret").run(MODEL)).getMessage();
        HubFixture.assertSays(message, "HF_TOKEN", "not valid");
        assertFalse(message.contains("secret"), message);
    }

    @Test
    void aRefusalOfTheStoreIsNotOneOfTheHub() throws IOException {
        trouble(Trouble.status(403));
        assertFails("to which the hub sent us", "403");
    }

    @Test
    void redirectsDoNotGoOnForEver() throws IOException {
        hub.hubTroubles.addAll(IntStream.range(0, 20).mapToObj(i -> Trouble.status(307, "Location", "/again")).toList());
        assertFails("redirects");
    }

    @Test
    void redirectsLeadToNoFile() throws IOException {
        hub.hubTroubles.add(Trouble.status(307, "Location", "file:///etc/passwd"));
        assertFails("redirect", "https");
    }

    @Test
    void aRenamedModelIsFollowed() throws IOException {
        hub.hubTroubles.add(Trouble.status(307, "Location", "/api/models/org/tiny/revision/main"));
        assertFetched();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"nonsense | not JSON", "[] | commit", "{\"sha\": \"../../x\"} | commit", "{\"sha\": 5} | commit", "'' | commit"})
    void refusesAListingThatIsNone(String json, String said) throws IOException {
        hub.listing = json.getBytes(StandardCharsets.UTF_8);
        assertFails("org/tiny", said);
    }

    @Test
    void refusesHugeAndNestedListings() throws IOException {
        hub.listing = new byte[21_000_000];
        assertFails("more than 20000000 bytes");
        hub.listing = ("{\"sha\": " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
        assertFails("not JSON");
    }

    @Test
    void anotherCommitThanTheOneAskedForIsRefused() {
        hub.revisions.put("f".repeat(40), FakeHub.COMMIT);
        String message = assertThrows(DownloadException.class, () -> fixture.run(HubReference.of("org/tiny@" + "f".repeat(40)))).getMessage();
        HubFixture.assertSays(message, FakeHub.COMMIT);
    }

    @Test
    void twoThreadsFetchAFileOnce() throws Exception {
        trouble(Trouble.slow(10, 30));
        CompletableFuture<Path> other = CompletableFuture.supplyAsync(() -> fixture.run(MODEL));
        assertFetched();
        assertEquals(other.get(), fixture.run(MODEL));
        assertEquals(List.of("whole"), ranges());
    }

    @Test
    void anInterruptedDownloadLeavesOnlyWhatIsIncomplete() throws Exception {
        trouble(Trouble.stallAfter(100_000));
        Thread worker = Thread.currentThread();
        // A thread of its own: from JDK 25 on the common pool, of one thread on two cores, serves CompletableFuture everywhere.
        Thread interrupter = new Thread(() -> {
            while (fixture.heard().stream().noneMatch("received 100000"::equals)) {
                Thread.onSpinWait();
            }
            worker.interrupt();
        }, "interrupter");
        interrupter.setDaemon(true);
        interrupter.start();
        assertThrows(CancellationException.class, () -> fixture.run(MODEL));
        assertTrue(Thread.interrupted(), "the thread no longer knows");
        assertEquals(100_000, Files.size(incomplete));
        assertFalse(Files.exists(blob));
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(List.of(), files.filter(file -> file.toString().endsWith(".tmp")).toList());
        }
        assertFetched();
        assertEquals("bytes=100000-", ranges().get(1));
    }
}
