package org.primer4j.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the numbers of frozen weights are kept where they are prepacked for matrix products. What is trained, and everything that is
 * not such a product, is float32 in any case.
 */
public enum WeightType {

    /** float32. */
    F32("fp32"),
    /**
     * bfloat16, half the memory: weights, and the activations that they are multiplied with, are rounded to it (nearest, ties to
     * even), products are summed and kept in float32.
     */
    BF16("bf16");

    private final String text;

    WeightType(String text) {
        this.text = text;
    }

    /** The type of a name as a user writes it, fp32 or bf16. */
    public static WeightType of(String text) {
        return Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst().orElseThrow(() -> new IllegalArgumentException(
            "there is no weight type '" + text + "'; expected " + Arrays.stream(values()).map(WeightType::toString).collect(Collectors.joining(" or "))));
    }

    @Override
    public String toString() {
        return text;
    }
}
