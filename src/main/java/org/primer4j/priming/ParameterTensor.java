package org.primer4j.priming;

import java.nio.FloatBuffer;
import java.util.Objects;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.TensorData;

/**
 * One tensor of theta as it is at the moment it is read.
 *
 * @param parameters of one lane
 * @param shape as files have it
 */
record ParameterTensor(Parameters parameters, ParameterLayout.Entry entry, long[] shape) implements TensorData {

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public void read(long start, FloatBuffer target) {
        Objects.checkFromIndexSize(start, target.remaining(), entry.size());
        target.put(parameters.vector(Parameters.VALUES).readFloats((entry.offset() + start) * Float.BYTES, target.remaining()));
    }

    /** A copy of the numbers of this moment. */
    TensorData copy() {
        return TensorData.of(shape(), floats());
    }
}
