package org.primer4j.experiment.report.live;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.primer4j.BadInputException;

/**
 * A server of a few read-only texts to this machine's browsers. It listens on the loopback address only, answers no other
 * host name than its own (so that a page elsewhere whose name was made to point here reads nothing), and changes nothing.
 */
final class LocalServer implements AutoCloseable {

    /** A text and its media type. */
    record Content(String type, Supplier<String> text) {
    }

    private final HttpServer server;
    private final ExecutorService workers;
    private final Map<String, Content> contents;

    private LocalServer(HttpServer server, Map<String, Content> contents) {
        this.server = server;
        this.contents = Map.copyOf(contents);
        workers = Executors.newCachedThreadPool(LocalServer::daemon);
        server.setExecutor(workers);
        server.createContext("/", this::handle);
    }

    /**
     * Starts to serve.
     *
     * @param port     0 for any that is free
     * @param contents what is served, by path
     * @throws BadInputException if the port is taken
     */
    static LocalServer start(int port, Map<String, Content> contents) {
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            LocalServer server = new LocalServer(http, contents);
            http.start();
            return server;
        } catch (BindException taken) {
            throw new BadInputException("--port %d cannot be listened on (%s), expected a free port; 0 takes any"
                    .formatted(port, taken.getMessage()), taken);
        } catch (IOException failure) {
            throw new BadInputException("the loopback address cannot be listened on: " + failure.getMessage(), failure);
        }
    }

    /** Where the server is, ending in a slash. */
    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "report-server");
        thread.setDaemon(true);
        return thread;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Content content = contents.get(exchange.getRequestURI().getPath());
            if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
                send(exchange, 403, "text/plain", "This server answers to its own address only: " + uri() + "\n");
            } else if (!exchange.getRequestMethod().matches("GET|HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "text/plain", "This server only shows.\n");
            } else if (content == null) {
                send(exchange, 404, "text/plain", "Not here; the report is at " + uri() + "\n");
            } else {
                send(exchange, 200, content.type(), content.text().get());
            }
        }
    }

    /** A browser leaves port 80 out of the header. */
    private boolean isOurs(String host) {
        int port = server.getAddress().getPort();
        return host != null && host.matches("(?i)(localhost|127\\.0\\.0\\.1|\\[::1])(:" + port + (port == 80 ? ")?" : ")"));
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        Map.of("Content-Type", type + "; charset=utf-8", "Cache-Control", "no-store", "X-Content-Type-Options", "nosniff",
                "Referrer-Policy", "no-referrer", "Cross-Origin-Resource-Policy", "same-origin", "Cross-Origin-Opener-Policy", "same-origin",
                "X-Frame-Options", "DENY").forEach(exchange.getResponseHeaders()::set);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }
}
