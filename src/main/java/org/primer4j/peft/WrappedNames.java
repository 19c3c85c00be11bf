package org.primer4j.peft;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;

/** Names of tensors in peft's files for methods that wrap a model's layers: its wrappers' attributes, then the model's own names. */
final class WrappedNames {

    private static final String WRAPPER = "base_model.model.";
    /** What models with a head put before the names of their encoder and decoder. */
    private static final Pattern MODEL = Pattern.compile("^(bert|roberta|model)\\.");

    private WrappedNames() {}

    /** Tensors by their names in a file, each changed by {@code shaped}; a head stands beside the model, not in it. */
    static Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target,
                                        BiFunction<String, TensorData, TensorData> shaped) {
        Map<String, TensorData> packed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            boolean own = method.owns(name);
            packed.put(WRAPPER + (own ? target.prefix() : "") + name, own ? shaped.apply(name, tensor) : tensor);
        });
        return packed;
    }

    /** Tensors by their plain names, each changed by {@code shaped}. */
    static Map<String, TensorData> unpack(AdapterTensors file, BiFunction<String, TensorData, TensorData> shaped) {
        Map<String, TensorData> plain = new LinkedHashMap<>();
        file.tensors().forEach((inFile, tensor) -> {
            if (!inFile.startsWith(WRAPPER)) {
                throw new BadInputException(file.file() + ": found the tensor '" + inFile + "'; expected names that start with " + WRAPPER + ".");
            }
            String name = withoutModel(inFile.substring(WRAPPER.length()));
            if (plain.put(name, shaped.apply(name, tensor)) != null) {
                throw new BadInputException(file.file() + ": found two tensors for '" + name + "'; expected one.");
            }
        });
        return plain;
    }

    /** A name without the model's prefix. */
    static String withoutModel(String name) {
        return MODEL.matcher(name).replaceFirst("");
    }

    /** Names of layers without the model's prefix. */
    static Set<String> withoutModel(Collection<String> names) {
        Set<String> plain = new TreeSet<>();
        names.forEach(name -> plain.add(withoutModel(name)));
        return plain;
    }
}
