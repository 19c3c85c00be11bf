package org.primer4j.engine;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a constructor has opened so far: closed again, last first, when it throws before {@link #succeeded}.
 *
 * <pre>{@code
 * try (CloseOnFailure opened = new CloseOnFailure()) {
 *     weights = opened.add(new Weights(tensors));
 *     program = opened.add(Program.compile(...));
 *     opened.succeeded();
 * }
 * }</pre>
 */
public final class CloseOnFailure implements AutoCloseable {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Takes note of something that was opened; returns it. */
    public <T extends AutoCloseable> T add(T resource) {
        opened.push(resource);
        return resource;
    }

    /** All was opened: from here on it belongs to the caller. */
    public void succeeded() {
        opened.clear();
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                IllegalStateException next = new IllegalStateException("could not be closed: " + resource, e);
                if (failure == null) {
                    failure = next;
                } else {
                    failure.addSuppressed(next);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
