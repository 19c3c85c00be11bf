package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/** A download from a fake hub, with little patience, and what its listener heard. */
final class HubFixture {

    /** Size of the fake model's weights. */
    static final int WEIGHTS = 300_000;

    private final Path cache;
    private URI endpoint;
    private Duration stall = Duration.ofSeconds(20);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private String token = "";
    private SnapshotLinks links = new SnapshotLinks();

    HubFixture(FakeHub hub, Path cache) {
        this.endpoint = hub.endpoint();
        this.cache = cache;
    }

    static FakeHub tinyHub() throws IOException {
        FakeHub hub = new FakeHub("org/tiny");
        hub.file("config.json", "{}".getBytes(StandardCharsets.UTF_8));
        hub.file("generation_config.json", "{\"eos_token_id\": 2}".getBytes(StandardCharsets.UTF_8));
        hub.file("tokenizer.json", bytes(5000, 7));
        hub.file("model.safetensors", bytes(WEIGHTS, 8));
        return hub;
    }

    static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    void endpoint(URI given) {
        endpoint = given;
    }

    /** Takes a short silence for a stall; a busy machine may be silent for a moment, so only where a test needs it. */
    void impatient() {
        stall = Duration.ofMillis(1500);
    }

    HubFixture token(String given) {
        token = given;
        return this;
    }

    HubFixture links(SnapshotLinks given) {
        links = given;
        return this;
    }

    Path run(HubReference reference) {
        Patience patience = new Patience(stall, Duration.ofMillis(1), Duration.ofSeconds(3), 3);
        return new HubDownload(new HubCache(cache), new HubEndpoint(endpoint, token), patience, links).run(reference, listener());
    }

    List<String> heard() {
        return heard;
    }

    private DownloadListener listener() {
        return new DownloadListener() {
            @Override
            public void file(String name, long bytes) {
                heard.add("file " + name + " " + bytes);
            }

            @Override
            public void received(long bytes) {
                heard.add("received " + bytes);
            }

            @Override
            public void delayed(String reason) {
                heard.add("delayed " + reason);
            }
        };
    }

    static void assertSays(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.length() < 800 && message.endsWith("."), message);
    }
}
