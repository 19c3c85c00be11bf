package org.primer4j.graph;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import org.primer4j.engine.Engine;

/** bfloat16 by hand: the upper half of a float32. */
public final class Bf16 {

    private static final int HALF = 0x8000;

    private Bf16() {}

    /** The calling test is skipped where this process has no bf16. */
    public static void assume() {
        assumeTrue(Engine.bf16Obstacle().isEmpty(), Engine.bf16Obstacle());
    }

    /** The nearest bf16 to a float32, of two as near the one with an even last bit. */
    public static float rounded(float value) {
        if (Float.isNaN(value)) {
            return value;
        }
        int bits = Float.floatToRawIntBits(value);
        int upper = bits >>> 16, lower = bits & 0xffff;
        boolean up = lower > HALF || lower == HALF && (upper & 1) == 1;
        return Float.intBitsToFloat((up ? upper + 1 : upper) << 16);
    }

    /** Rounds each. */
    public static float[] rounded(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = rounded(values[i]);
        }
        return rounded;
    }

    /** Rounds each. */
    public static double[] rounded(double[] values) {
        return Arrays.stream(values).map(value -> rounded((float) value)).toArray();
    }
}
