package org.primer4j.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the numbers of frozen weights are kept where they are prepacked for matrix products, and what those products round to. What is
 * trained is kept in float32 in any case, and everything that is not such a product is float32, but for CUDA: there products with trained dense
 * weights, and these weights' gradients, round their factors as those with frozen ones do (TF32 but for lanes with weights of their own), and attention
 * rounds queries, keys, values and probabilities to bf16 where weights are bf16. In the order of {@code core/device.h}'s precisions.
 */
public enum WeightType {

    /** float32. */
    F32("fp32"),
    /**
     * Kept as float32; CUDA's tensor cores round the weights and the activations that they are multiplied with to TF32 (10 bits behind the
     * leading one), products are summed and kept in float32. Not on the CPU.
     */
    TF32("tf32"),
    /**
     * bfloat16, half the memory: weights, and the activations that they are multiplied with, are rounded to it (nearest, ties to
     * even), products are summed and kept in float32.
     */
    BF16("bf16");

    private final String text;

    WeightType(String text) {
        this.text = text;
    }

    /** The type of a name as a user writes it: fp32, tf32 or bf16. */
    public static WeightType of(String text) {
        return Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst().orElseThrow(() -> new IllegalArgumentException(
            "there is no weight type '" + text + "'; expected " + Arrays.stream(values()).map(WeightType::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return text;
    }
}
