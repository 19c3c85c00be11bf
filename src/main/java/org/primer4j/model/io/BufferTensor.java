package org.primer4j.model.io;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;

/** A tensor over one or more buffers: a file's mapping is cut into chunks because a Java mapping ends at 2 GiB. */
final class BufferTensor implements TensorData {

    /** Elements in every chunk but the last: 1 GiB of float32. */
    static final int CHUNK = 1 << 28;

    private final long[] shape;
    private final long size;
    private final FloatBuffer[] chunks;

    BufferTensor(long[] shape, FloatBuffer... chunks) {
        this.shape = shape.clone();
        this.size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        this.chunks = chunks;
        long held = Arrays.stream(chunks).mapToLong(FloatBuffer::limit).sum();
        if (held != size) {
            throw new IllegalArgumentException("Shape " + Arrays.toString(shape) + " has " + size
                    + " elements but " + held + " values were given.");
        }
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long start, FloatBuffer target) {
        Objects.checkFromIndexSize(start, target.remaining(), size);
        for (long at = start; target.hasRemaining();) {
            at += readChunk(at, target);
        }
    }

    private int readChunk(long start, FloatBuffer target) {
        FloatBuffer chunk = chunks.length == 1 ? chunks[0] : chunks[(int) (start / CHUNK)];
        int offset = chunks.length == 1 ? (int) start : (int) (start % CHUNK);
        int count = Math.min(target.remaining(), chunk.limit() - offset);
        target.put(target.position(), chunk, offset, count);
        target.position(target.position() + count);
        return count;
    }
}
