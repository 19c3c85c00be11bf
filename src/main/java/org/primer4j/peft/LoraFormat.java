package org.primer4j.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.primer4j.model.io.TensorData;

/** LoRA as the peft library's LoraConfig has it. */
final class LoraFormat implements MethodFormat {

    private static final String TARGETS = "target_modules";
    private static final String ALL_LINEAR = "all-linear";
    private static final String BIAS = "bias";
    private static final String START = "init_lora_weights";

    @Override
    public String type() {
        return "LORA";
    }

    @Override
    public boolean inPeft() {
        return true;
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof Lora;
    }

    /** Two of them belong to variants that must be off themselves. */
    @Override
    public Set<String> fields() {
        return Set.of("r", "lora_alpha", "lora_dropout", "use_rslora", TARGETS, BIAS, START, "megatron_core", "qalora_group_size");
    }

    @Override
    public Lora method(AdapterJson config) {
        config.require(!config.has(BIAS) || config.text(BIAS).equals("none"), BIAS, "none");
        JsonNode start = config.get(START);
        config.require(!start.isTextual() || start.textValue().equals("gaussian"), START,
            "true, false or gaussian: other start values change the base model's weights");
        double dropout = config.has("lora_dropout") ? config.number("lora_dropout") : 0;
        boolean stabilised = config.has("use_rslora") && config.flag("use_rslora");
        return new Lora(config.integer("r"), config.number("lora_alpha"), dropout, targets(config), stabilised);
    }

    private static Set<String> targets(AdapterJson config) {
        if (config.get(TARGETS).isTextual()) {
            config.require(config.text(TARGETS).equals(ALL_LINEAR), TARGETS, "a list of layers or " + ALL_LINEAR);
            return Set.of();
        }
        Set<String> targets = config.texts(TARGETS);
        config.require(!targets.isEmpty(), TARGETS, "a list of layers or " + ALL_LINEAR);
        return WrappedNames.withoutModel(targets);
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        Lora lora = (Lora) method;
        config.put(BIAS, "none").put("r", lora.rank()).put("lora_alpha", lora.alpha()).put("lora_dropout", lora.dropout());
        config.put("use_rslora", lora.rankStabilised());
        Set<String> layers = tensors.stream().filter(lora::owns).map(Lora::layer).collect(Collectors.toSet());
        AdapterJson.put(config, TARGETS, lora.targets().isEmpty() ? all(layers, target) : LayerTargets.inModel(lora.targets(), layers));
    }

    // "all-linear" would make peft adapt a bare encoder's pooler as well: the layers are named one by one.
    private static Set<String> all(Set<String> layers, PeftTarget target) {
        return layers.stream().map(layer -> target.prefix() + layer).collect(Collectors.toSet());
    }

    @Override
    public Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target) {
        return WrappedNames.pack(method, tensors, target, (name, tensor) -> tensor);
    }

    @Override
    public Content unpack(PeftMethod method, AdapterTensors file, AdapterJson config) {
        return new Content(method, WrappedNames.unpack(file, (name, tensor) -> tensor));
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        Lora lora = (Lora) method;
        for (String name : tensors.of(lora)) {
            String layer = Lora.layer(name);
            tensors.require(lora.changesLayer(layer), name, "belongs to no layer of target_modules " + lora.targets());
            tensors.requireShape(layer + Lora.A, lora.rank(), AdapterTensors.ANY);
            tensors.requireShape(layer + Lora.B, AdapterTensors.ANY, lora.rank());
        }
    }
}
