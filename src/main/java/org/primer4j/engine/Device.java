package org.primer4j.engine;

import org.primer4j.BadInputException;

/**
 * Where a program runs: a value to print and to assert.
 *
 * @param kind the backend; only the CPU so far
 * @param threads threads of a CPU program
 * @param weights how frozen weights are kept
 */
public record Device(Kind kind, int threads, WeightType weights) {

    /** Backends. */
    public enum Kind {
        CPU
    }

    /** The most threads of a program. */
    public static final int MOST_THREADS = 1024;

    /** @throws BadInputException when this process does not compute in the type of the weights */
    public Device {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("a CPU device has 1 to " + MOST_THREADS + " threads, not " + threads);
        }
        if (weights == WeightType.BF16 && !Engine.bf16Obstacle().isEmpty()) {
            throw new BadInputException("Frozen weights cannot be kept as bf16: " + Engine.bf16Obstacle()
                + "; expected a processor with avx512_bf16 (AMD Zen 4, Intel Cooper Lake, or newer), or fp32.");
        }
    }

    /** The CPU with so many threads, and float32 weights. */
    public static Device cpu(int threads) {
        return new Device(Kind.CPU, threads, WeightType.F32);
    }

    /** The CPU with a thread for each processor that the process may use, and float32 weights. */
    public static Device cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    /**
     * The same with frozen weights of another type.
     *
     * @throws BadInputException when this process does not compute in that type
     */
    public Device withWeights(WeightType type) {
        return new Device(kind, threads, type);
    }

    @Override
    public String toString() {
        return "cpu (" + Engine.instructionSet() + ", " + threads + (threads == 1 ? " thread" : " threads")
            + (weights == WeightType.F32 ? ")" : ", " + weights + " weights)");
    }
}
