package org.primer4j.model.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** How a server answers a request for content. */
@FunctionalInterface
public interface Trouble {

    void answer(HttpExchange exchange, byte[] content) throws IOException;

    /** The right answer, of a range too. */
    static Trouble none() {
        return (exchange, content) -> send(exchange, content, content.length);
    }

    /** The right answer's head, then only so many bytes of its body and a closed connection. */
    static Trouble cutAfter(int bytes) {
        return (exchange, content) -> send(exchange, content, bytes);
    }

    /** The right answer's head, then so many bytes of its body, then nothing for long. */
    static Trouble stallAfter(int bytes) {
        return (exchange, content) -> {
            int from = head(exchange, content);
            OutputStream body = exchange.getResponseBody();
            body.write(content, from, bytes);
            body.flush();
            sleep(20_000);
        };
    }

    /** Nothing at all, for long. */
    static Trouble silence() {
        return (exchange, content) -> sleep(20_000);
    }

    /** The right content, slowly. */
    static Trouble slow(int pauses, int milliseconds) {
        return (exchange, content) -> {
            int from = head(exchange, content);
            OutputStream body = exchange.getResponseBody();
            int step = Math.max(1, (content.length - from) / pauses);
            for (int at = from; at < content.length; at += step) {
                body.write(content, at, Math.min(step, content.length - at));
                body.flush();
                sleep(milliseconds);
            }
        };
    }

    /** The whole, whatever range was asked for. */
    static Trouble ignoreRange() {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        };
    }

    /** Other content, of any length, in place of the right one; without saying how long. */
    static Trouble chunked(byte[] other) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(other);
        };
    }

    /** Other content with its length. */
    static Trouble other(byte[] other) {
        return (exchange, content) -> none().answer(exchange, other);
    }

    /** A range that was not asked for. */
    static Trouble range(String contentRange) {
        return (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", contentRange);
            exchange.sendResponseHeaders(206, content.length);
            exchange.getResponseBody().write(content);
        };
    }

    /** An answer without a body. */
    static Trouble status(int status, String... headers) {
        return (exchange, content) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    private static void send(HttpExchange exchange, byte[] content, int bytes) throws IOException {
        int from = head(exchange, content);
        exchange.getResponseBody().write(Arrays.copyOfRange(content, from, Math.min(from + bytes, content.length)));
    }

    private static int head(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        String etag = "\"store-" + Arrays.hashCode(content) + "\"";
        int from = range == null || ifRange != null && !ifRange.equals(etag) ? 0
            : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", etag);
        if (from > 0) {
            headers.set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        // To this server, a length of 0 means chunks and -1 nothing.
        int length = content.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length == 0 ? -1 : length);
        return from;
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }
}
