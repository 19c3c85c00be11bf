package org.primer4j.bench;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.TensorData;
import org.primer4j.random.Philox;

/**
 * A random weight that takes no memory: it is drawn anew whenever it is read. LayerNorm's scales are 1, biases 0, the rest
 * is uniform with deviation 0.02.
 */
record RandomTensor(long seed, String name, int rows, int cols) implements TensorData {

    private static final double BOUND = 0.02 * Math.sqrt(3);
    private static final int BLOCK = 1 << 12;

    /** All of a model's weights, drawn when they are read. */
    static Weights weights(Device device, ModelConfig config, long seed) {
        Map<String, TensorData> tensors = new HashMap<>();
        config.weightShapes().forEach((name, shape) -> tensors.put(name, new RandomTensor(seed, name, shape.length == 1 ? 1 : (int) shape[0],
            (int) shape[shape.length - 1])));
        return new Weights(device, tensors);
    }

    @Override
    public long[] shape() {
        return new long[] {rows, cols};
    }

    @Override
    public void read(long start, FloatBuffer target) {
        if (name.matches(".*(LayerNorm|layer_norm|layernorm_embedding)\\.weight")) {
            fill(target, 1);
        } else if (name.endsWith("bias")) {
            fill(target, 0);
        } else {
            for (long at = start; target.hasRemaining();) {
                at += draw(at, target);
            }
        }
    }

    private static void fill(FloatBuffer target, float value) {
        while (target.hasRemaining()) {
            target.put(value);
        }
    }

    // From `at` to the end of its block, or of the target; each block has a stream of its own, so that a row is found without all before it.
    private int draw(long at, FloatBuffer target) {
        Philox random = new Philox(seed, name + " " + at / BLOCK);
        int skipped = (int) (at % BLOCK);
        for (int i = 0; i < skipped; i++) {
            random.nextDouble();
        }
        int count = Math.min(BLOCK - skipped, target.remaining());
        for (int i = 0; i < count; i++) {
            target.put((float) (BOUND * (2 * random.nextDouble() - 1)));
        }
        return count;
    }
}
