package org.primer4j.model.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * A hub on this machine, and a store on another port to which it redirects for safetensors. Answers as the public hub does
 * unless told to make trouble.
 */
public final class FakeHub implements AutoCloseable {

    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What was asked. */
    record Request(String host, String method, String path, Map<String, String> headers) {
    }

    final Map<String, byte[]> files = new LinkedHashMap<>();
    /** Commits by revision. */
    final Map<String, String> revisions = new HashMap<>(Map.of("main", COMMIT));
    /** Headers of metadata that replace the right ones; an empty text removes one. */
    final Map<String, String> lies = new HashMap<>();
    /** What happens to the next GETs of content, one each. */
    final Deque<Trouble> contentTroubles = new ConcurrentLinkedDeque<>();
    /** What happens to the next requests of any kind at the hub itself. */
    final Deque<Trouble> hubTroubles = new ConcurrentLinkedDeque<>();
    /** Instead of the right listing. */
    volatile byte[] listing;
    final List<Request> requests = new CopyOnWriteArrayList<>();

    private final String repository;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub;
    private final HttpServer store;

    public FakeHub(String repository) throws IOException {
        this.repository = repository;
        hub = server("hub");
        store = server("store");
    }

    private HttpServer server(String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                record(name, exchange);
                answer(name, exchange);
            }
        });
        server.start();
        return server;
    }

    private void record(String host, HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders().forEach((key, values) -> headers.put(key, values.get(0)));
        requests.add(new Request(host, exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(), headers));
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    public void file(String name, byte[] content) {
        files.put(name, content);
    }

    public void trouble(Trouble... troubles) {
        contentTroubles.addAll(List.of(troubles));
    }

    List<Request> contentRequests() {
        return requests.stream().filter(request -> request.method().equals("GET") && !request.path().startsWith("/api/models")).toList();
    }

    private void answer(String host, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Trouble trouble = host.equals("hub") ? hubTroubles.poll() : null;
        if (trouble != null) {
            trouble.answer(exchange, new byte[0]);
        } else if (path.startsWith("/api/models/" + repository + "/revision/")) {
            revision(exchange, path.substring(path.indexOf("/revision/") + "/revision/".length()));
        } else if (path.startsWith("/" + repository + "/resolve/")) {
            resolve(exchange, path.substring(path.indexOf("/resolve/") + "/resolve/".length()));
        } else if (path.startsWith("/content/")) {
            content(exchange, path.substring("/content/".length()));
        } else {
            Trouble.status(404).answer(exchange, new byte[0]);
        }
    }

    private void revision(HttpExchange exchange, String revision) throws IOException {
        String commit = revisions.getOrDefault(revision, revisions.containsValue(revision) ? revision : null);
        if (commit == null) {
            Trouble.status(404, "X-Error-Code", "RevisionNotFound").answer(exchange, new byte[0]);
            return;
        }
        String names = files.keySet().stream().map(name -> "{\"rfilename\":\"" + name + "\"}").collect(Collectors.joining(","));
        byte[] json = listing != null ? listing
            : ("{\"id\":\"x\",\"sha\":\"" + commit + "\",\"siblings\":[" + names + "]}").getBytes(StandardCharsets.UTF_8);
        Trouble.none().answer(exchange, json);
    }

    // As the public hub: small files from another path of its own, large ones from another host.
    private void resolve(HttpExchange exchange, String commitAndName) throws IOException {
        String revision = commitAndName.substring(0, commitAndName.indexOf('/'));
        String commit = revisions.getOrDefault(revision, revision);
        String name = commitAndName.substring(commitAndName.indexOf('/') + 1);
        if (!files.containsKey(name)) {
            Trouble.status(404, "X-Error-Code", "EntryNotFound").answer(exchange, new byte[0]);
            return;
        }
        boolean large = name.endsWith(".safetensors");
        Map<String, String> headers = new HashMap<>(Map.of("X-Repo-Commit", commit,
            "Location", (large ? "http://127.0.0.1:" + store.getAddress().getPort() : "") + "/content/" + commit + "/" + name));
        if (large) {
            headers.put("X-Linked-Etag", "\"" + Hashes.sha256(files.get(name)) + "\"");
            headers.put("X-Linked-Size", String.valueOf(files.get(name).length));
        }
        send(exchange, headers, large ? 302 : 307);
    }

    private void content(HttpExchange exchange, String commitAndName) throws IOException {
        String commit = commitAndName.substring(0, commitAndName.indexOf('/'));
        String name = commitAndName.substring(commitAndName.indexOf('/') + 1);
        byte[] content = files.get(name);
        if (exchange.getRequestMethod().equals("HEAD")) {
            send(exchange, new HashMap<>(Map.of("X-Repo-Commit", commit, "ETag", "\"" + Hashes.git(content) + "\"",
                "Content-Length", String.valueOf(content.length))), 200);
            return;
        }
        Trouble trouble = contentTroubles.poll();
        (trouble == null ? Trouble.none() : trouble).answer(exchange, content);
    }

    private void send(HttpExchange exchange, Map<String, String> headers, int status) throws IOException {
        lies.forEach((name, value) -> {
            if (headers.containsKey(name)) {
                headers.put(name, value);
            }
        });
        headers.values().removeIf(String::isEmpty);
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, -1);
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
