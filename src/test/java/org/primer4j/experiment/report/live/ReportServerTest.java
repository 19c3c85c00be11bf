package org.primer4j.experiment.report.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;

class ReportServerTest {

    private final AtomicReference<StudySnapshot> study = new AtomicReference<>(snapshot(0));
    private ReportServer server;

    private static StudySnapshot snapshot(int runs) {
        StudyManifest manifest = new StudyManifest(1, "live <study>", "0.1.0", "", 1, "cpu", 1, "tiny", "a".repeat(64), Map.of(), List.of(),
                List.of(), List.of("a", "b"), List.of("mtl"), List.of("lora"), List.of(1), Map.of());
        List<StudyRun> all = List.of(run(StudyRun.DIRECT, "a"), run(StudyRun.DIRECT, "b"), run("mtl", "a"), run("mtl", "b"));
        return new StudySnapshot(StudyResults.of(manifest, List.of(), all.subList(0, runs)), StudyCosts.of(List.of()));
    }

    private static StudyRun run(String recipe, String task) {
        return new StudyRun(recipe, "lora", task, "classification", "ACC", 1, 0.5, 0.5, 0.5, 0, 0, Map.of(), List.of());
    }

    @BeforeEach
    void start() {
        server = new ReportServer(0, () -> {
            if (study.get() == null) {
                throw new BadInputException("results.json, line 1: damaged");
            }
            return study.get();
        });
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** What the server answers to a request as it stands; {@code host} null for none. */
    private String answer(String method, String path, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
            String request = method + " " + path + " HTTP/1.1\r\n" + (host == null ? "" : "Host: " + host + "\r\n") + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return answer("GET", path, "localhost:" + server.uri().getPort());
    }

    private JsonNode state() throws IOException {
        return new JsonMapper().readTree(get("/state.json").split("\r\n\r\n", 2)[1]);
    }

    private JsonNode stateWith(String field, Object value) throws Exception {
        for (int i = 0; i < 200 && !state().path(field).asText().contains(value.toString()); i++) {
            Thread.sleep(50);
        }
        return state();
    }

    @Test
    void servesThePageAndTheStateWithoutLeavingAnythingOpen() throws Exception {
        String page = get("/");
        assertTrue(page.startsWith("HTTP/1.1 200 OK\r\n"), page);
        assertTrue(page.contains("<!DOCTYPE html>") && page.contains("live &lt;study&gt;"));
        for (String header : List.of("Cache-control: no-store", "X-content-type-options: nosniff", "X-frame-options: DENY", "Content-type: text/html")) {
            assertTrue(page.contains(header), header);
        }
        assertEquals(4, state().get("planned").asInt());
        assertEquals(0, state().get("runs").asInt());
        assertFalse(answer("HEAD", "/", "127.0.0.1:" + server.uri().getPort()).contains("<html"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:PORT", "localhost", "localhost:1", "localhost.evil.example:PORT", "127.0.0.1:PORT.evil.example", "127.0.0.2:PORT",
        ""})
    void answersToItsOwnNameOnly(String host) throws IOException {
        String answer = answer("GET", "/state.json", host.replace("PORT", String.valueOf(server.uri().getPort())));
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
        assertFalse(answer.contains("revision"), answer);
    }

    @Test
    void answersNobodyWithoutAName() throws IOException {
        assertFalse(answer("GET", "/state.json", null).contains("revision"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void changesNothing(String method) throws IOException {
        String answer = answer(method, "/", "localhost:" + server.uri().getPort());
        assertTrue(answer.startsWith("HTTP/1.1 405 ") && answer.contains("Allow: GET, HEAD"), answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/results.json", "/../pom.xml", "/%2e%2e/", "/state.json/", "/index.html"})
    void servesNothingElse(String path) throws IOException {
        assertTrue(get(path).startsWith("HTTP/1.1 404 "), path);
    }

    @Test
    void listensToThisMachineOnly() throws Exception {
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            for (InetAddress address : network.inetAddresses().filter(one -> !one.isLoopbackAddress()).toList()) {
                try (Socket socket = new Socket()) {
                    assertThrows(IOException.class, () -> socket.connect(new InetSocketAddress(address, server.uri().getPort()), 1000), address.toString());
                }
            }
        }
    }

    @Test
    void followsTheStudyAndSaysWhatIsWrong() throws Exception {
        int first = state().get("revision").asInt();
        study.set(snapshot(4));
        assertEquals(first + 1, stateWith("runs", 4).get("revision").asInt());
        assertTrue(state().get("complete").asBoolean());
        study.set(null);
        assertEquals("results.json, line 1: damaged", stateWith("failure", "damaged").get("failure").asText());
        assertEquals(4, state().get("runs").asInt(), "the last good state stays");
        study.set(snapshot(4));
        assertTrue(stateWith("failure", "null").get("failure").isNull());
        assertEquals(first + 1, state().get("revision").asInt(), "the same state is the same page");
    }

    @Test
    void aServerStartedAnewHasANewPage() throws Exception {
        int first = state().get("revision").asInt();
        server.close();
        start();
        assertNotEquals(first, state().get("revision").asInt(), "a page of the server before would stay");
    }

    @Test
    void refusesAPortThatIsTaken() {
        BadInputException refused = assertThrows(BadInputException.class, () -> new ReportServer(server.uri().getPort(), study::get).close());
        assertTrue(refused.getMessage().contains("--port " + server.uri().getPort()), refused.getMessage());
    }

    @Test
    void endsWithItsConnections() {
        int port = server.uri().getPort();
        server.close();
        assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
    }
}
