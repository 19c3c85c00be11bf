package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/**
 * The cache is shared with huggingface_hub itself: where there is a Python that has it, in PRIMER_PYTHON or beside the
 * golden files.
 */
class HubPythonTest {

    private static final Path SCRIPT = Path.of("src", "test", "python", "check_hub_cache.py");
    private static final HubReference MODEL = HubReference.of("org/tiny");

    @TempDir
    Path folder;
    private String python;
    private FakeHub hub;
    private HubFixture fixture;

    @BeforeEach
    void start() throws Exception {
        python = System.getenv().getOrDefault("PRIMER_PYTHON", Path.of("..", "shared", "peer", ".venv", "bin", "python").toString());
        assumeTrue(Files.isExecutable(Path.of(python)) && run("-c", "import huggingface_hub").status() == 0, "no huggingface_hub");
        hub = HubFixture.tinyHub();
        fixture = new HubFixture(hub, folder.resolve("hub"));
    }

    @AfterEach
    void stop() {
        if (hub != null) {
            hub.close();
        }
    }

    private record Run(int status, String output) {
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(python));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Run(process.exitValue(), Files.readString(output));
    }

    private String check(String mode, String third) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(SCRIPT.toString(), mode, folder.resolve("hub").toString(), "org/tiny", third));
        arguments.addAll(hub.files.keySet());
        Run run = run(arguments.toArray(String[]::new));
        assertEquals(0, run.status(), run.output());
        return run.output().strip().lines().reduce((first, last) -> last).orElseThrow();
    }

    @Test
    void pythonReadsWhatWeDownloaded() throws Exception {
        Path snapshot = fixture.run(MODEL);
        hub.requests.clear();
        assertEquals(snapshot.toRealPath().toString(), Path.of(check("read", FakeHub.COMMIT)).toRealPath().toString());
        assertEquals(List.of(), hub.requests);
    }

    @Test
    void weReadWhatPythonDownloadedAndFetchItOnlyOnce() throws Exception {
        Path snapshot = Path.of(check("write", hub.endpoint().toString())).toRealPath();
        assertEquals(snapshot, new HubCache(folder.resolve("hub")).snapshot(MODEL).toRealPath());
        assertArrayEquals(hub.files.get("model.safetensors"), Files.readAllBytes(snapshot.resolve("model.safetensors")));
        hub.requests.clear();
        fixture.run(MODEL);
        assertEquals(List.of(), hub.contentRequests());
    }

    @Test
    void pythonGoesOnFromWhatWeHave() throws Exception {
        Path snapshot = fixture.run(MODEL);
        hub.file("README.md", "read me".getBytes());
        hub.requests.clear();
        assertEquals(snapshot.toRealPath(), Path.of(check("write", hub.endpoint().toString())).toRealPath());
        assertEquals("read me", Files.readString(snapshot.resolve("README.md")));
        assertEquals(1, hub.contentRequests().stream().filter(request -> request.path().startsWith("/content")).count());
    }
}
