package org.primer4j.model.io;

import java.util.Map;
import java.util.TreeMap;
import org.primer4j.graph.ops.Activation;

/** Activations by the names of Hugging Face's configurations. */
final class ActivationNames {

    private static final Map<String, Activation> BY_NAME = new TreeMap<>(Map.of("gelu", Activation.GELU,
            "gelu_new", Activation.GELU_TANH, "gelu_pytorch_tanh", Activation.GELU_TANH,
            "relu", Activation.RELU, "silu", Activation.SILU, "swish", Activation.SILU));

    private ActivationNames() {
    }

    static boolean known(String name) {
        return BY_NAME.containsKey(name);
    }

    static String expected() {
        return "one of " + String.join(", ", BY_NAME.keySet());
    }

    /** The activation of a known name. */
    static Activation of(String name) {
        return BY_NAME.get(name);
    }
}
