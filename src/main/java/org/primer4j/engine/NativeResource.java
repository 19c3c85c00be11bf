package org.primer4j.engine;

/**
 * Something that holds native memory. Closing twice is harmless; using it after it was closed is an
 * {@link IllegalStateException} that says where it was closed. Methods that touch the memory are synchronized, so that a
 * close on another thread waits for them.
 */
public abstract class NativeResource implements AutoCloseable {

    private final String what;
    private Throwable closedAt;

    /** @param what names the thing in messages */
    protected NativeResource(String what) {
        this.what = what;
    }

    /** Gives the native memory back; called once. */
    protected abstract void release();

    /** Throws when closed. */
    protected final void checkOpen() {
        if (closedAt != null) {
            throw new IllegalStateException(what + " is used after it was closed (the cause shows where)", closedAt);
        }
    }

    public final synchronized boolean isClosed() {
        return closedAt != null;
    }

    @Override
    public final synchronized void close() {
        if (closedAt == null) {
            closedAt = new Throwable(what + " was closed here");
            release();
        }
    }

    @Override
    public String toString() {
        return what;
    }
}
