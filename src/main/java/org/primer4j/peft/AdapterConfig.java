package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code adapter_config.json}: what every method's file says, around the method's own fields. */
final class AdapterConfig {

    static final String BASE = "base_model_name_or_path";
    static final String HEADS = "modules_to_save";
    static final String MADE_FOR = "made_for";

    private AdapterConfig() {}

    static ObjectNode write(TrainedAdapter adapter, PeftTarget target) {
        PeftMethod method = adapter.method();
        MethodFormat format = MethodFormats.of(method, target);
        ObjectNode root = AdapterJson.object();
        root.put(BASE, adapter.baseModel()).put("inference_mode", true);
        root.put(format.inPeft() ? "task_type" : MADE_FOR, format.inPeft() ? target.taskType() : "primer4j");
        Set<String> names = adapter.tensors().keySet();
        AdapterJson.put(root, HEADS, names.stream().filter(name -> !method.owns(name)).map(AdapterTensors::module).collect(Collectors.toSet()));
        MethodFormats.write(format, root, method, names, target);
        return root;
    }

    /**
     * Method and tensors of a folder.
     *
     * @throws org.primer4j.BadInputException when the method or an option is not supported, or the tensors do not fit the method
     */
    static MethodFormat.Content read(AdapterJson config, AdapterTensors file) {
        MethodFormat format = MethodFormats.of(config);
        config.requireOff(format.fields());
        MethodFormat.Content content = format.unpack(MethodFormats.read(format, config), file, config);
        AdapterTensors tensors = new AdapterTensors(file.file(), content.tensors());
        tensors.requireOf(content.method(), config.texts(HEADS));
        format.check(content.method(), tensors);
        return content;
    }

    /** The base model; empty when the file does not say. */
    static String baseModel(AdapterJson config) {
        return config.has(BASE) ? config.text(BASE) : "";
    }
}
