package org.primer4j.model.io;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A read-only float32 tensor, row-major. It may lie in a mapped file and be read only when asked. */
public interface TensorData {

    /** Sizes of the axes; empty for a scalar. The caller owns the array. */
    long[] shape();

    /**
     * Fills all that remains of {@code target} with the elements from number {@code start} on.
     *
     * @throws IndexOutOfBoundsException if the tensor has fewer elements from {@code start} on than the target wants
     */
    void read(long start, FloatBuffer target);

    /** Number of elements. */
    default long size() {
        return Arrays.stream(shape()).reduce(1, Math::multiplyExact);
    }

    /**
     * All elements in a new array.
     *
     * @throws ArithmeticException if there are more than an array holds
     */
    default float[] floats() {
        float[] values = new float[Math.toIntExact(size())];
        read(0, FloatBuffer.wrap(values));
        return values;
    }

    /**
     * A tensor over an array; the array is not copied and must not be changed afterwards.
     *
     * @throws IllegalArgumentException if the shape does not have as many elements as the array
     */
    static TensorData of(long[] shape, float... values) {
        return new BufferTensor(shape, FloatBuffer.wrap(values));
    }
}
