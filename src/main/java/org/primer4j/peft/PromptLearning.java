package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;

/** What prefix and prompt tuning share in the peft library: fields, and all of an adapter in one table. */
final class PromptLearning {

    /** The table's name in the file. */
    static final String TABLE = "prompt_embeddings";
    static final String LENGTH = "num_virtual_tokens";
    static final String WIDTH = "token_dim";
    static final String STACKS = "num_transformer_submodules";
    static final String LAYERS = "num_layers";
    static final String HEADS = "num_attention_heads";
    /** What this library puts before the names of an objective's head. */
    private static final String HEAD = "base_model.";

    private PromptLearning() {}

    /** Fields of both. */
    static Set<String> fields() {
        return Set.of(LENGTH, WIDTH, STACKS, LAYERS, HEADS);
    }

    static void write(ObjectNode config, int length, PeftTarget target) {
        config.put(LENGTH, length).put(WIDTH, target.width()).put(STACKS, target.submodules());
        config.put(LAYERS, target.layers()).put(HEADS, target.heads());
    }

    /** Whether the model has a decoder. */
    static boolean decoder(AdapterJson config) {
        int stacks = config.integer(STACKS);
        config.require(stacks == 1 || stacks == 2, STACKS, "1 for an encoder, 2 with a decoder");
        return stacks == 2;
    }

    /** Heads by their names in a file. */
    static Map<String, TensorData> packHeads(PeftMethod method, Map<String, TensorData> tensors) {
        Map<String, TensorData> packed = new LinkedHashMap<>();
        tensors.keySet().stream().filter(name -> !method.owns(name)).forEach(name -> packed.put(HEAD + name, tensors.get(name)));
        return packed;
    }

    /** Heads by their plain names: everything but the table. */
    static Map<String, TensorData> unpackHeads(AdapterTensors file) {
        Map<String, TensorData> heads = new LinkedHashMap<>();
        file.tensors().forEach((name, tensor) -> {
            if (name.startsWith(HEAD)) {
                heads.put(name.substring(HEAD.length()), tensor);
            } else if (!name.equals(TABLE)) {
                throw new BadInputException(file.file() + ": found the tensor '" + name + "'; expected " + TABLE
                    + ", or names that start with " + HEAD + ".");
            }
        });
        return heads;
    }
}
