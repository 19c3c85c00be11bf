package org.primer4j.model.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An answer's body, taken part by part; a silence longer than allowed is a failure, where the JDK's own stream would wait
 * for ever. At most one part is held in advance.
 */
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {

    /** Data; or, when null, the end or what went wrong. */
    private record Part(List<ByteBuffer> data, Throwable failure) {
    }

    private final Duration stall;
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Body(Duration stall) {
        this.stall = stall;
    }

    @Override
    public CompletionStage<Body> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription.complete(given);
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> data) {
        parts.add(new Part(data, null));
    }

    @Override
    public void onError(Throwable failure) {
        parts.add(new Part(null, failure));
    }

    @Override
    public void onComplete() {
        parts.add(new Part(null, null));
    }

    /** The next part, or null at the end. */
    List<ByteBuffer> next() throws IOException {
        Part part = poll();
        if (part == null) {
            throw new TemporaryFailure("no data came for " + stall.toSeconds() + " seconds");
        }
        if (part.failure() != null) {
            throw new IOException("the connection was cut (" + part.failure().getMessage() + ")", part.failure());
        }
        if (part.data() != null) {
            subscription.join().request(1);
        }
        return part.data();
    }

    private Part poll() {
        try {
            return parts.poll(stall.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw Retries.cancelled(e);
        }
    }

    /** Ends the transfer if it still goes on. */
    @Override
    public void close() {
        subscription.thenAccept(Flow.Subscription::cancel);
    }
}
