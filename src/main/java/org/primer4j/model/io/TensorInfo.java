package org.primer4j.model.io;

import java.util.Arrays;

/**
 * Where a tensor lies in a safetensors file.
 *
 * @param name  key in the header
 * @param dtype element type
 * @param shape sizes of the axes, row-major; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end   one past the last byte, counted from the end of the header
 */
public record TensorInfo(String name, DType dtype, long[] shape, long begin, long end) {

    public TensorInfo {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public long size() {
        return (end - begin) / dtype.bytes();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that && name.equals(that.name) && dtype == that.dtype
                && Arrays.equals(shape, that.shape) && begin == that.begin && end == that.end;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape) + " at " + begin + ".." + end;
    }
}
