package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.primer4j.model.io.TensorData;

/**
 * How adapters of one method are written: the fields of {@code adapter_config.json}, and names and shapes of the tensors in
 * {@code adapter_model.safetensors}. In memory a tensor has its plain name, without a library's or the model's prefix.
 */
interface MethodFormat {

    /** What a file holds, with plain names. */
    record Content(PeftMethod method, Map<String, TensorData> tensors) {}

    /** The value of {@code peft_type}. */
    String type();

    /** Whether the peft library has this format; else it is our own. */
    default boolean inPeft() {
        return false;
    }

    /**
     * Whether a method is written so.
     *
     * @param target the model; null for a part of a combination, which is no library's
     */
    boolean writes(PeftMethod method, PeftTarget target);

    /** The fields that {@link #method} reads, or that change nothing in what an adapter computes; every other one must be off. */
    Set<String> fields();

    /**
     * The method of a file.
     *
     * @throws org.primer4j.BadInputException if a field is missing or has a value that is not supported
     * @throws IllegalArgumentException if the fields make no method
     */
    PeftMethod method(AdapterJson config);

    /**
     * Writes the method's fields.
     *
     * @param tensors plain names of the adapter's tensors
     */
    void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target);

    /** Tensors as they stand in the file, those of an objective's head included. */
    default Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target) {
        return tensors;
    }

    /** The tensors of a file with their plain names. */
    default Content unpack(PeftMethod method, AdapterTensors file, AdapterJson config) {
        return new Content(method, file.tensors());
    }

    /** Checks that the method's own tensors, by their plain names, are whole and have the shapes that its settings ask for. */
    void check(PeftMethod method, AdapterTensors tensors);
}
