package org.primer4j.experiment.report.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection to one page by the Chrome DevTools protocol: calls with answers, and the events in between. */
final class DevTools implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private WebSocket socket;

    private DevTools() {
    }

    /** Connects to the first page of the browser that listens on {@code port}. */
    static DevTools connect(int port) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
        for (JsonNode target : JSON.readTree(client.send(list, BodyHandlers.ofString()).body())) {
            if (target.path("type").asText().equals("page")) {
                DevTools tools = new DevTools();
                tools.socket = client.newWebSocketBuilder().buildAsync(URI.create(target.path("webSocketDebuggerUrl").asText()), tools.new Listener())
                        .get(10, TimeUnit.SECONDS);
                return tools;
            }
        }
        throw new IllegalStateException("the browser has no page");
    }

    /** The result of a method of the protocol. */
    JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true).get(10, TimeUnit.SECONDS);
        JsonNode message = answer.get(30, TimeUnit.SECONDS);
        if (message.has("error")) {
            throw new AssertionError(method + ": " + message.get("error"));
        }
        return message.path("result");
    }

    /** The parameters of the events so far with that name. */
    List<JsonNode> events(String method) {
        synchronized (events) {
            return events.stream().filter(event -> event.path("method").asText().equals(method)).map(event -> event.path("params")).toList();
        }
    }

    /** Waits for an event since the last {@link #forget}. */
    void await(String method, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (events) {
            while (events(method).isEmpty()) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("no event " + method);
                }
                events.wait(100);
            }
        }
    }

    /** Forgets the events so far. */
    void forget() {
        synchronized (events) {
            events.clear();
        }
    }

    @Override
    public void close() {
        socket.abort();
    }

    private void receive(String text) throws Exception {
        JsonNode message = JSON.readTree(text);
        if (message.has("id")) {
            answers.remove(message.get("id").asInt()).complete(message);
            return;
        }
        synchronized (events) {
            events.add(message);
            events.notifyAll();
        }
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket source, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                String text = parts.toString();
                parts.setLength(0);
                try {
                    receive(text);
                } catch (Exception malformed) {
                    return CompletableFuture.failedFuture(malformed);
                }
            }
            source.request(1);
            return null;
        }
    }
}
