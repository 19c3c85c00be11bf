package org.primer4j.peft;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;

/**
 * The tensors of a file, and what can be asked of them.
 *
 * @param file for errors
 * @param tensors by name
 */
record AdapterTensors(Path file, Map<String, TensorData> tensors) {

    /** Any size. */
    static final int ANY = -1;

    /** The module of a tensor: its name without the last part. */
    static String module(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    /** Names of a method's own tensors. */
    List<String> of(PeftMethod method) {
        return tensors.keySet().stream().filter(method::owns).toList();
    }

    /** Refuses a file without a tensor of the method's own, or with one that is neither its own nor of a head. */
    void requireOf(PeftMethod method, Set<String> heads) {
        if (of(method).isEmpty()) {
            throw new BadInputException(file + ": found no tensor of " + method.methodName() + "; expected those of a trained adapter.");
        }
        tensors.keySet().stream().filter(name -> !method.owns(name)).forEach(name ->
            require(heads.contains(module(name)), name, "is none of " + method.methodName() + " nor of modules_to_save " + heads));
    }

    void require(boolean holds, String name, String problem) {
        if (!holds) {
            throw new BadInputException(file + ": tensor '" + name + "' " + problem + "; expected the tensors of its adapter_config.json.");
        }
    }

    /** Refuses a tensor that is missing or has another shape. */
    void requireShape(String name, int... expected) {
        TensorData tensor = tensors.get(name);
        String wanted = Arrays.toString(expected).replace(String.valueOf(ANY), "any");
        require(tensor != null, name, "of shape " + wanted + " is missing");
        long[] found = tensor.shape();
        boolean fits = found.length == expected.length;
        for (int i = 0; fits && i < found.length; i++) {
            fits = expected[i] == ANY || expected[i] == found[i];
        }
        require(fits, name, "has shape " + Arrays.toString(found) + ", not " + wanted);
    }

    /** The tensors that a method owns. */
    AdapterTensors part(PeftMethod method) {
        Map<String, TensorData> own = new LinkedHashMap<>(tensors);
        own.keySet().removeIf(name -> !method.owns(name));
        return new AdapterTensors(file, own);
    }
}
