package org.primer4j.model.io;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Objects;

/** A tensor stored in 16 bits, widened to float32 while it is read, which is exact. */
final class HalfTensor implements TensorData {

    /** Elements in every chunk but the last. */
    static final int CHUNK = BufferTensor.CHUNK;

    private final long[] shape;
    private final long size;
    private final boolean bfloat;
    private final ShortBuffer[] chunks;

    /** @param bfloat whether the bits are bfloat16's, else IEEE half precision */
    HalfTensor(long[] shape, boolean bfloat, ShortBuffer... chunks) {
        this.shape = shape.clone();
        this.size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        this.bfloat = bfloat;
        this.chunks = chunks;
        long held = Arrays.stream(chunks).mapToLong(ShortBuffer::limit).sum();
        if (held != size) {
            throw new IllegalArgumentException("Shape " + Arrays.toString(shape) + " has " + size + " elements but " + held + " values were given.");
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
        for (long at = start; target.hasRemaining(); at++) {
            short bits = chunks[(int) (at / CHUNK)].get((int) (at % CHUNK));
            target.put(bfloat ? Float.intBitsToFloat(bits << 16) : half(bits));
        }
    }

    /** The number of IEEE 754 half-precision bits: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
    static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float small = fraction * 0x1p-24f;
            return sign == 0 ? small : -small;
        }
        int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
