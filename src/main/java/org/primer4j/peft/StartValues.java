package org.primer4j.peft;

import java.util.Arrays;
import org.primer4j.random.Philox;

/** Start values of added parameters. */
final class StartValues {

    private StartValues() {}

    /** Independent normal numbers. */
    static float[] normal(int count, double deviation, Philox random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** Independent uniform numbers in +-bound. */
    static float[] uniform(int count, double bound, Philox random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    static float[] ones(int count) {
        float[] values = new float[count];
        Arrays.fill(values, 1);
        return values;
    }
}
