package org.primer4j.graph;

import java.util.function.Function;

/**
 * An op under test.
 *
 * @param name says shapes and variant
 * @param forward tolerance of its float32 value
 * @param gradient tolerance of its float32 gradients
 * @param lane tolerance of a lane's value alone beside the lane in a pack, on CUDA
 * @param build from leaves to the op's value
 */
public record OpCase(String name, double forward, double gradient, double lane, Function<Leaves, Value> build) {

    /** One kernel gives a lane's value, alone or not: only its blocking of rows differs. */
    static final double ONE_KERNEL = 1e-6;

    public OpCase(String name, double forward, double gradient, Function<Leaves, Value> build) {
        this(name, forward, gradient, ONE_KERNEL, build);
    }

    /** With the usual tolerances: a few float32 roundings (6e-8 each) of sums over some 200 terms. */
    public OpCase(String name, Function<Leaves, Value> build) {
        this(name, 2e-6, 5e-6, build);
    }
}
