package org.primer4j.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.primer4j.engine.natives.Natives;

/** A block of native memory, zeroed when it is made and counted until it is closed. */
public final class Memory extends NativeResource {

    private static final int COPY_BYTES = 1 << 28;

    private final long bytes;
    private final long address;
    private int holders;

    /**
     * @param bytes size, at least 0
     * @param what names the block in messages
     * @throws EngineException when the system has no memory left
     */
    public Memory(long bytes, String what) {
        super(what + " (" + bytes + " bytes)");
        if (bytes < 0) {
            throw new IllegalArgumentException(what + " cannot have " + bytes + " bytes");
        }
        Engine.load();
        SystemMemory.require(bytes, what, "take smaller sizes");
        this.bytes = bytes;
        try {
            this.address = Natives.primer_allocate(bytes);
        } catch (RuntimeException e) {
            throw new EngineException(what + ": " + e.getMessage(), e);
        }
    }

    public long bytes() {
        return bytes;
    }

    /** For instruction operands, within this package. Whoever holds the block still gets it when another thread waits to free it. */
    synchronized long address() {
        if (holders == 0) {
            checkOpen();
        }
        return address;
    }

    /** Copies floats in, starting at a byte offset. */
    public synchronized void write(long offset, float[] source) {
        checkRange(offset, (long) source.length * Float.BYTES);
        int step = COPY_BYTES / Float.BYTES;
        for (int at = 0; at < source.length; at += step) {
            int count = Math.min(step, source.length - at);
            view(offset + (long) at * Float.BYTES, (long) count * Float.BYTES).asFloatBuffer().put(source, at, count);
        }
    }

    /** Copies doubles in, starting at a byte offset. */
    public synchronized void write(long offset, double[] source) {
        checkRange(offset, (long) source.length * Double.BYTES);
        view(offset, (long) source.length * Double.BYTES).asDoubleBuffer().put(source);
    }

    /** Copies {@code count} floats out, starting at a byte offset. */
    public synchronized float[] readFloats(long offset, int count) {
        checkRange(offset, (long) count * Float.BYTES);
        float[] target = new float[count];
        int step = COPY_BYTES / Float.BYTES;
        for (int at = 0; at < count; at += step) {
            int part = Math.min(step, count - at);
            view(offset + (long) at * Float.BYTES, (long) part * Float.BYTES).asFloatBuffer().get(target, at, part);
        }
        return target;
    }

    /** Copies {@code count} doubles out, starting at a byte offset. */
    public synchronized double[] readDoubles(long offset, int count) {
        checkRange(offset, (long) count * Double.BYTES);
        double[] target = new double[count];
        view(offset, (long) count * Double.BYTES).asDoubleBuffer().get(target);
        return target;
    }

    /** Copies another block's bytes here. */
    public void copyFrom(Memory source, long sourceOffset, long offset, long count) {
        source.hold();
        try {
            source.checkRange(sourceOffset, count);
            copyHere(source.address() + sourceOffset, offset, count);
        } finally {
            source.letGo();
        }
    }

    private synchronized void copyHere(long from, long offset, long count) {
        checkRange(offset, count);
        Natives.primer_copy(address + offset, from, count);
    }

    /** Fills a range with zeros. */
    public synchronized void zero(long offset, long count) {
        checkRange(offset, count);
        Natives.primer_zero(address + offset, count);
    }

    private void checkRange(long offset, long count) {
        checkOpen();
        if (offset < 0 || count < 0 || offset > bytes - count) {
            throw new IndexOutOfBoundsException(this + " has no range of " + count + " bytes at " + offset);
        }
    }

    /** A view for repeated use; the caller keeps it from outliving this block. */
    ByteBuffer view(long offset, long count) {
        checkRange(offset, count);
        return new Range(address + offset, count).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Keeps the block from being freed until {@link #letGo}: a program runs over it. */
    synchronized void hold() {
        checkOpen();
        holders++;
    }

    synchronized void letGo() {
        holders--;
        notifyAll();
    }

    @Override
    protected void release() {
        awaitHolders();
        Natives.primer_free(address, bytes);
    }

    // Called with the lock held by close. An interrupt does not end a native run, so it is kept for later.
    private void awaitHolders() {
        boolean interrupted = false;
        while (holders > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Range extends BytePointer {

        Range(long address, long count) {
            super((Pointer) null);
            this.address = address;
            this.limit = count;
            this.capacity = count;
        }
    }
}
