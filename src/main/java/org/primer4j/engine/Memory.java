package org.primer4j.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.primer4j.engine.natives.Natives;

/** A block of a device's memory, zeroed when it is made and counted until it is closed. */
public final class Memory extends NativeResource {

    private static final int COPY_BYTES = 1 << 28;
    /** Bytes of the buffer through which numbers go to a device and come back. */
    private static final int STAGE_BYTES = 1 << 22;

    private final Device device;
    private final long bytes;
    private final long address;
    private int holders;

    /** A block of the host's memory. */
    public Memory(long bytes, String what) {
        this(Device.cpu(1), bytes, what);
    }

    /**
     * @param device whose memory it is
     * @param bytes size, at least 0
     * @param what names the block in messages
     * @throws EngineException when the device has no memory left
     */
    public Memory(Device device, long bytes, String what) {
        super(what + " (" + bytes + " bytes)");
        if (bytes < 0) {
            throw new IllegalArgumentException(what + " cannot have " + bytes + " bytes");
        }
        Engine.load();
        FreeMemory.require(device, bytes, what, "take smaller sizes");
        this.device = device;
        this.bytes = bytes;
        this.address = NativeCall.get(what, () -> Natives.primer_allocate(device.handle(), bytes));
    }

    public long bytes() {
        return bytes;
    }

    /** Whose memory it is. */
    public Device device() {
        return device;
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
        eachPart(offset, source.length, Float.BYTES, true, (part, at) -> part.asFloatBuffer().put(source, at, part.remaining() / Float.BYTES));
    }

    /** Copies doubles in, starting at a byte offset. */
    public synchronized void write(long offset, double[] source) {
        checkRange(offset, (long) source.length * Double.BYTES);
        eachPart(offset, source.length, Double.BYTES, true, (part, at) -> part.asDoubleBuffer().put(source, at, part.remaining() / Double.BYTES));
    }

    /** Copies {@code count} floats out, starting at a byte offset. */
    public synchronized float[] readFloats(long offset, int count) {
        checkRange(offset, (long) count * Float.BYTES);
        float[] target = new float[count];
        eachPart(offset, count, Float.BYTES, false, (part, at) -> part.asFloatBuffer().get(target, at, part.remaining() / Float.BYTES));
        return target;
    }

    /** Copies {@code count} doubles out, starting at a byte offset. */
    public synchronized double[] readDoubles(long offset, int count) {
        checkRange(offset, (long) count * Double.BYTES);
        double[] target = new double[count];
        eachPart(offset, count, Double.BYTES, false, (part, at) -> part.asDoubleBuffer().get(target, at, part.remaining() / Double.BYTES));
        return target;
    }

    /** Moves numbers between a part of the block and an array, from index {@code at} on. */
    private interface Mover {

        void move(ByteBuffer part, int at);
    }

    // The host's memory in place, a device's through a buffer.
    private void eachPart(long offset, int count, int size, boolean write, Mover mover) {
        int step = (device.isHost() ? COPY_BYTES : STAGE_BYTES) / size;
        ByteBuffer stage = device.isHost() ? null : ByteBuffer.allocateDirect(Math.min(count, step) * size).order(ByteOrder.nativeOrder());
        for (int at = 0; at < count; at += step) {
            long from = offset + (long) at * size;
            int length = Math.min(step, count - at) * size;
            if (stage == null) {
                mover.move(view(from, length), at);
            } else if (write) {
                mover.move(stage.clear().limit(length), at);
                write(from, stage);
            } else {
                read(from, stage.clear().limit(length));
                mover.move(stage, at);
            }
        }
    }

    // What remains of a direct buffer; its position and limit stay.
    private void write(long offset, ByteBuffer source) {
        checkRange(offset, source.remaining());
        NativeCall.run(this, () -> Natives.primer_write(device.handle(), address + offset, addressOf(source), source.remaining()));
    }

    /** Copies bytes out into what remains of a direct buffer, whose position and limit stay. */
    synchronized void read(long offset, ByteBuffer target) {
        checkRange(offset, target.remaining());
        NativeCall.run(this, () -> Natives.primer_read(device.handle(), addressOf(target), address + offset, target.remaining()));
    }

    private static long addressOf(ByteBuffer direct) {
        try (BytePointer pointer = new BytePointer(direct)) {
            return pointer.address() + pointer.position();
        }
    }

    /** Copies another block's bytes here. */
    public void copyFrom(Memory source, long sourceOffset, long offset, long count) {
        if (!source.device.sameMemory(device)) {
            throw new IllegalArgumentException(source + " lies on " + source.device + ", " + this + " on " + device);
        }
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
        NativeCall.run(this, () -> Natives.primer_copy(device.handle(), address + offset, from, count));
    }

    /** Fills a range with zeros. */
    public synchronized void zero(long offset, long count) {
        checkRange(offset, count);
        NativeCall.run(this, () -> Natives.primer_zero(device.handle(), address + offset, count));
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
        if (!device.isHost()) {
            throw new IllegalStateException(this + " lies on " + device + ", where the host has no view");
        }
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
        Natives.primer_free(device.handle(), address, bytes);
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
