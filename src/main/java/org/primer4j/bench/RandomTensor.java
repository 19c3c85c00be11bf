package org.primer4j.bench;

import java.nio.FloatBuffer;
import org.primer4j.model.io.TensorData;
import org.primer4j.random.Philox;

/**
 * A random weight that takes no memory: it is drawn anew whenever it is read. LayerNorm's scales are 1, biases 0, the rest
 * is uniform with deviation 0.02.
 */
record RandomTensor(long seed, String name, int rows, int cols) implements TensorData {

    private static final double BOUND = 0.02 * Math.sqrt(3);

    @Override
    public long[] shape() {
        return new long[] {rows, cols};
    }

    @Override
    public void read(long start, FloatBuffer target) {
        if (start != 0) {
            throw new IndexOutOfBoundsException(name + " is drawn from its first number on, not from " + start);
        }
        boolean scale = name.matches(".*(LayerNorm|layer_norm|layernorm_embedding)\\.weight");
        boolean bias = name.endsWith("bias");
        Philox random = new Philox(seed, name);
        while (target.hasRemaining()) {
            target.put(scale ? 1 : bias ? 0 : (float) (BOUND * (2 * random.nextDouble() - 1)));
        }
    }
}
