package org.primer4j.random;

import java.util.Arrays;

/** Start values of added parameters. */
public final class StartValues {

    private StartValues() {}

    /** Independent normal numbers. */
    public static float[] normal(int count, double deviation, Philox random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** Independent uniform numbers in +-bound. */
    public static float[] uniform(int count, double bound, Philox random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    public static float[] ones(int count) {
        float[] values = new float[count];
        Arrays.fill(values, 1);
        return values;
    }
}
