package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.addScalar;
import static org.primer4j.graph.Ops.erf;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.tanh;

import java.util.Locale;
import org.primer4j.graph.Value;

/** Activation functions. Kernels know them by their ordinal ({@code cpu/activation.h}). */
public enum Activation {
    /** x itself. */
    NONE,
    /** {@code x Phi(x)}, the erf form (Hendrycks and Gimpel 2016). */
    GELU,
    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, the tanh form of GELU (ibid.). */
    GELU_TANH,
    /** {@code max(x, 0)}; its derivative at 0 is taken as 0. */
    RELU,
    /** {@code x sigmoid(x)} (Elfwing et al. 2017). */
    SILU;

    private static final double CUBIC = 0.044715;

    /** As kernels name it. */
    String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The function in primitives. */
    Value primitive(Value x) {
        return switch (this) {
            case NONE -> x;
            case GELU -> scale(mul(x, addScalar(erf(scale(x, Math.sqrt(0.5))), 1)), 0.5);
            case GELU_TANH -> scale(mul(x, addScalar(tanh(inner(x)), 1)), 0.5);
            case RELU -> mul(x, Elementwise.step(x));
            // sigmoid(x) = (1 + tanh(x / 2)) / 2, which overflows nowhere.
            case SILU -> scale(mul(x, addScalar(tanh(scale(x, 0.5)), 1)), 0.5);
        };
    }

    private static Value inner(Value x) {
        return scale(add(x, scale(mul(x, mul(x, x)), CUBIC)), Math.sqrt(2 / Math.PI));
    }
}
