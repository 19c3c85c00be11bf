package org.primer4j.model.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.primer4j.Version;

/** Asks a hub over HTTP. Follows redirects itself: the token goes to the hub only. */
final class HubHttp {

    private static final int MOST_REDIRECTS = 8;

    private final HubEndpoint endpoint;
    private final Patience patience;
    private final HttpClient client;

    HubHttp(HubEndpoint endpoint, Patience patience) {
        this.endpoint = endpoint;
        this.patience = patience;
        // One file at a time: HTTP/2 has nothing to offer.
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(patience.stall())
            .followRedirects(HttpClient.Redirect.NEVER).build();
    }

    HubEndpoint endpoint() {
        return endpoint;
    }

    Patience patience() {
        return patience;
    }

    /** The answer at the end of all redirects; its body must be closed. */
    HttpResponse<Body> get(URI address, Map<String, String> headers) throws IOException {
        return follow("GET", address, headers, response -> false);
    }

    /** The first answer in the chain of redirects that is enough, or its end; without a body. */
    HttpResponse<Body> head(URI address, Predicate<HttpResponse<Body>> isEnough) throws IOException {
        HttpResponse<Body> response = follow("HEAD", address, Map.of(), isEnough);
        response.body().close();
        return response;
    }

    private HttpResponse<Body> follow(String method, URI start, Map<String, String> headers, Predicate<HttpResponse<Body>> isEnough)
            throws IOException {
        URI address = start;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<Body> response = send(request(method, address, headers));
            String location = response.headers().firstValue("Location").orElse(null);
            if (!isRedirect(response) || location == null || isEnough.test(response)) {
                return response;
            }
            response.body().close();
            address = endpoint.redirect(address, location);
        }
        throw new DownloadException(start.getHost() + ": found more than " + MOST_REDIRECTS + " redirects; expected a file, check "
            + HubEndpoint.VARIABLE + ".");
    }

    static boolean isRedirect(HttpResponse<?> response) {
        return switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    private HttpRequest request(String method, URI address, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).method(method, HttpRequest.BodyPublishers.noBody())
            .header("User-Agent", "primer4j/" + Version.number()).header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        if (endpoint.hasToken() && endpoint.isOwn(address)) {
            request.header("Authorization", "Bearer " + endpoint.token());
        }
        return request.build();
    }

    // Waits for the head alone: a request's own timeout would cover the body too, from some JDK on (JDK-8208693).
    private HttpResponse<Body> send(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<Body>> answer = new CompletableFuture<>();
        Thread sender = sender(request, answer);
        try {
            return answer.get(patience.stall().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(request, e.getCause());
        } catch (TimeoutException e) {
            abandon(answer, sender);
            throw new TemporaryFailure("no answer came for " + patience.stall().toSeconds() + " seconds");
        } catch (InterruptedException e) {
            abandon(answer, sender);
            throw Retries.cancelled(e);
        }
    }

    // A thread of its own: sendAsync hands its answer over in the common pool, whose threads may all be waiting for this download.
    private Thread sender(HttpRequest request, CompletableFuture<HttpResponse<Body>> answer) {
        Thread sender = new Thread(() -> {
            try {
                HttpResponse<Body> response = client.send(request, info -> new Body(patience.stall()));
                if (!answer.complete(response)) {
                    response.body().close();
                }
            } catch (IOException | InterruptedException | RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        }, "hub request");
        sender.setDaemon(true);
        sender.start();
        return sender;
    }

    // An answer that came meanwhile is not read.
    private static void abandon(CompletableFuture<HttpResponse<Body>> answer, Thread sender) {
        if (answer.cancel(true)) {
            sender.interrupt();
        } else if (!answer.isCompletedExceptionally()) {
            answer.join().body().close();
        }
    }

    private static IOException failure(HttpRequest request, Throwable cause) {
        if (cause instanceof IOException failed) {
            return failed;
        }
        if (cause instanceof IllegalArgumentException) {
            // What the JDK's client makes of a length that is no number.
            throw new DownloadException(request.uri().getHost() + ": found an answer with a malformed header; expected a size or the like,"
                + " check " + HubEndpoint.VARIABLE + ".", cause);
        }
        throw cause instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(cause);
    }
}
