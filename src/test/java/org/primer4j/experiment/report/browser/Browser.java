package org.primer4j.experiment.report.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven by the DevTools protocol; for tests of pages. */
public final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path profile;
    private final Process process;
    private final DevTools tools;

    private Browser(Path profile, Process process, DevTools tools) {
        this.profile = profile;
        this.process = process;
        this.tools = tools;
    }

    /** The browser's program on the search path, if there is one. */
    public static Optional<Path> program() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome").map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst();
    }

    /** Starts a browser with a profile of its own below {@code folder}. */
    public static Browser start(Path folder) throws Exception {
        Path profile = Files.createTempDirectory(folder, "profile");
        List<String> command = List.of(program().orElseThrow().toString(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                "--force-device-scale-factor=1", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(profile.resolve("log").toFile()).start();
        try {
            DevTools tools = DevTools.connect(port(profile, process));
            for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
                tools.call(domain + ".enable", Map.of());
            }
            return new Browser(profile, process, tools);
        } catch (Exception failure) {
            end(process, profile);
            throw failure;
        }
    }

    /** Chromium writes the port that it chose into its profile. */
    private static int port(Path profile, Process process) throws Exception {
        Path file = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            if (Files.exists(file) && Files.readString(file).contains("\n")) {
                return Integer.parseInt(Files.readAllLines(file).get(0));
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("Chromium did not start: " + Files.readString(profile.resolve("log")));
    }

    /** Opens a page and waits until it is loaded. */
    public void open(URI page) throws Exception {
        tools.forget();
        tools.call("Page.navigate", Map.of("url", page.toString()));
        tools.await("Page.loadEventFired", PATIENCE);
    }

    /** The value of a JavaScript expression. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode answer = tools.call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Waits until a JavaScript expression is true. */
    public void await(String expression) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!evaluate(expression).asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never true: " + expression);
            }
            Thread.sleep(50);
        }
    }

    /** The window's size in CSS pixels. */
    public void resize(int width, int height) throws Exception {
        tools.call("Emulation.setDeviceMetricsOverride", Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    }

    /** What prefers-color-scheme says: light or dark. */
    public void colourScheme(String scheme) throws Exception {
        tools.call("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** A click with the mouse in the middle of the first element that {@code selector} finds. */
    public void click(String selector) throws Exception {
        JsonNode place = evaluate("(() => { const e = document.querySelector(" + JSON.writeValueAsString(selector)
                + "); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            tools.call("Input.dispatchMouseEvent", Map.of("type", type, "x", place.get(0).asDouble(), "y", place.get(1).asDouble(), "button", "left",
                    "clickCount", 1));
        }
    }

    /** A press of a key, as Tab or Enter, where the focus is. */
    public void press(String key) throws Exception {
        int code = key.equals("Tab") ? 9 : 13;
        tools.call("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", key, "code", key, "windowsVirtualKeyCode", code, "text",
                key.equals("Enter") ? "\r" : ""));
        tools.call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key, "code", key, "windowsVirtualKeyCode", code));
    }

    /** Writes what the window shows, or with {@code whole} the whole page, as PNG. */
    public void screenshot(Path file, boolean whole) throws Exception {
        JsonNode shot = tools.call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", whole));
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
    }

    /** What the console said since the page was opened: errors, warnings, broken policies. */
    public List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        tools.events("Runtime.exceptionThrown").forEach(event -> complaints.add(event.toString()));
        tools.events("Log.entryAdded").forEach(event -> complaints.add(event.path("entry").toString()));
        tools.events("Runtime.consoleAPICalled").forEach(event -> complaints.add(event.toString()));
        return complaints;
    }

    /** The addresses asked for since the page was opened, its own among them. */
    public List<String> requests() {
        return tools.events("Network.requestWillBeSent").stream().map(event -> event.path("request").path("url").asText()).toList();
    }

    @Override
    public void close() {
        tools.close();
        end(process, profile);
    }

    private static void end(Process process, Path profile) {
        List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(member -> member.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(late -> member).join());
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
