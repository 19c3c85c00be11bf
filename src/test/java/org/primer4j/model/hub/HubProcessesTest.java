package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes at one cache. */
class HubProcessesTest {

    @TempDir
    Path folder;
    private FakeHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = HubFixture.tinyHub();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    /** Downloads in a process of its own: what the environment says. */
    static final class Main {

        private Main() {
        }

        public static void main(String[] arguments) {
            System.out.println(HubDownload.ofEnvironment().run(HubReference.of(arguments[0]), DownloadListener.silent()));
        }
    }

    private Process download(String name) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
            "-cp", System.getProperty("java.class.path"), Main.class.getName(), "org/tiny");
        builder.environment().keySet().removeIf(key -> key.startsWith("HF_") || key.endsWith("_CACHE"));
        builder.environment().put("HF_HUB_CACHE", folder.resolve("hub").toString());
        builder.environment().put("HF_ENDPOINT", hub.endpoint().toString());
        return builder.redirectErrorStream(true).redirectOutput(folder.resolve(name).toFile()).start();
    }

    @Test
    void twoProcessesFetchAFileOnce() throws Exception {
        hub.trouble(Trouble.none(), Trouble.none(), Trouble.none(), Trouble.slow(20, 150));
        List<Process> processes = new ArrayList<>(List.of(download("1"), download("2")));
        try {
            for (Process process : processes) {
                assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        String snapshot = folder.resolve("hub/models--org--tiny/snapshots").resolve(FakeHub.COMMIT) + "\n";
        assertEquals(snapshot, Files.readString(folder.resolve("1")));
        assertEquals(snapshot, Files.readString(folder.resolve("2")));
        assertArrayEquals(hub.files.get("model.safetensors"), Files.readAllBytes(Path.of(snapshot.strip(), "model.safetensors")));
        assertEquals(4, hub.contentRequests().stream().filter(request -> request.path().startsWith("/content")).count(), "each file once");
    }

    @Test
    void theNextProcessGoesOnAfterOneThatWasKilled() throws Exception {
        hub.trouble(Trouble.none(), Trouble.none(), Trouble.none(), Trouble.stallAfter(123_456));
        Path incomplete = folder.resolve("hub/models--org--tiny/blobs/" + Hashes.sha256(hub.files.get("model.safetensors")) + ".incomplete");
        Process killed = download("1");
        for (int i = 0; i < 300 && !(Files.exists(incomplete) && Files.size(incomplete) == 123_456); i++) {
            assertTrue(killed.isAlive(), Files.readString(folder.resolve("1")));
            Thread.sleep(50);
        }
        killed.destroyForcibly().waitFor();
        Process next = download("2");
        assertTrue(next.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, next.exitValue(), Files.readString(folder.resolve("2")));
        assertTrue(hub.requests.stream().anyMatch(request -> "bytes=123456-".equals(request.headers().get("Range"))));
    }
}
