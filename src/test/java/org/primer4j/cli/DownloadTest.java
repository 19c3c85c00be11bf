package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.ChildJvm;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.model.hub.FakeHub;
import org.primer4j.model.hub.Trouble;

/** Commands on a model of a hub, each in a JVM of its own for the environment. */
@EnabledOnOs(OS.LINUX)
class DownloadTest {

    @TempDir
    Path folder;
    private FakeHub hub;
    private Path gym;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub("org/tiny");
        Path model = TinyModel.write(folder, 1);
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            hub.file(name, Files.readAllBytes(model.resolve(name)));
        }
        gym = TinyGym.write(folder);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Process begin(Object... arguments) throws IOException {
        // A shell's background job ignores SIGINT, and so would its children.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ChildJvm.options());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("HF_") || key.endsWith("_CACHE") || key.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().put("HF_HOME", folder.resolve("home").toString());
        builder.environment().put("HF_ENDPOINT", hub.endpoint().toString());
        return builder.redirectOutput(folder.resolve("stdout").toFile()).redirectError(folder.resolve("stderr").toFile()).start();
    }

    private int end(Process process) throws InterruptedException {
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it goes on");
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    private Object[] tune(Object... more) {
        return Cli.join(new Object[] {"tune", "--model", "org/tiny", "--gym", gym, "--tasks", "mood", "--samples", 13, "--max-length", 32, "--max-tokens",
            256, "--steps", 2, "--batch", 4, "--rates", "1e-2", "--threads", 1, "--method", "bitfit", "--out", folder.resolve("out")}, more);
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("stderr"));
    }

    @Test
    void withoutTheOptionTheNetworkIsNotUsed() throws Exception {
        assertEquals(2, end(begin(tune())));
        assertEquals(1, said().lines().count(), said());
        assertTrue(said().contains("org/tiny") && said().contains("--download"), said());
        assertFalse(Files.exists(folder.resolve("home")) || Files.exists(folder.resolve("out")));
    }

    @Test
    void aModelIsFetchedOnceAndThenUsedOffline() throws Exception {
        assertEquals(0, end(begin(tune("--download"))), said());
        assertTrue(said().contains("model.safetensors (MB) 1/1"), said());
        hub.close();
        Path adapter = folder.resolve("out/adapters/mood-13-bitfit-unprimed");
        assertTrue(Files.readString(adapter.resolve("adapter_config.json")).contains("\"org/tiny\""));
        assertEquals(0, end(begin("predict", "--model", adapter, "--input", TinyGym.file(gym, "mood", 13, "test"), "--threads", 1)), said());
        assertTrue(Files.size(folder.resolve("stdout")) > 0);
    }

    @Test
    void aFolderOfTheSameNameComesFirst() throws Exception {
        Files.createDirectories(folder.resolve("org"));
        Files.move(folder.resolve("model"), folder.resolve("org/tiny"));
        assertEquals(0, end(begin(tune("--download", "--no-adapters"))), said());
        assertFalse(Files.exists(folder.resolve("home")));
    }

    @Test
    void anInterruptedDownloadLeavesOnlyWhatIsIncomplete() throws Exception {
        hub.trouble(Trouble.none(), Trouble.none(), Trouble.stallAfter(1000));
        Process process = begin(tune("--download"));
        for (int i = 0; i < 600 && incomplete().isEmpty(); i++) {
            assertTrue(process.isAlive(), said());
            Thread.sleep(50);
        }
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
        assertEquals(130, end(process), said());
        assertTrue(said().contains("interrupted; nothing was written to"), said());
        assertEquals(1, incomplete().size());
        assertFalse(Files.exists(folder.resolve("out")), said());
        assertEquals(0, end(begin(tune("--download"))), said());
        assertEquals(List.of(), incomplete());
    }

    private List<Path> incomplete() throws IOException {
        if (!Files.isDirectory(folder.resolve("home"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder.resolve("home"))) {
            return files.filter(file -> file.toString().endsWith(".incomplete") && file.toFile().length() == 1000).toList();
        }
    }
}
