package org.primer4j.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.primer4j.BadInputException;
import org.primer4j.peft.BottleneckAdapter.Placement;

/** A method from and to {@code adapter_config.json}; LoRA's fields are those of peft's LoraConfig. */
final class MethodJson {

    private static final String TYPE = "peft_type";
    private static final String BASE = "base_model_name_or_path";
    private static final String HEADS = "modules_to_save";
    private static final String TARGETS = "target_modules";
    private static final String ALL_LINEAR = "all-linear";
    private static final String WIDTH = "width";
    private static final String EMBEDDINGS = "embeddings";

    /** Options of peft that make another method of LoRA; each must be off. */
    private static final List<String> VARIANTS = List.of("fan_in_fan_out", "lora_bias", "use_rslora", "use_dora", "use_qalora", "use_bdlora",
        "rank_pattern", "alpha_pattern", "layers_to_transform", "layers_pattern", "exclude_modules", "target_parameters", "layer_replication",
        "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "velora_config", "monteclora_config",
        "megatron_config");

    private MethodJson() {}

    static ObjectNode write(TrainedAdapter adapter, String prefix) {
        PeftMethod method = adapter.method();
        ObjectNode root = AdapterJson.object().put(TYPE, method.methodName().toUpperCase(Locale.ROOT)).put(BASE, adapter.baseModel());
        Collection<String> names = adapter.tensors().keySet();
        Set<String> heads = names.stream().filter(name -> !AdapterTensors.belongs(method, name)).map(AdapterTensors::module)
            .collect(Collectors.toSet());
        put(root, HEADS, heads);
        if (method instanceof Lora lora) {
            writeLora(root, lora, lora.targets().isEmpty() ? layers(lora, names, prefix) : lora.targets());
        } else if (method instanceof BottleneckAdapter bottleneck) {
            root.put(WIDTH, bottleneck.width());
        } else if (method instanceof FullTuning full) {
            root.put(EMBEDDINGS, full.embeddings());
        }
        return root;
    }

    private static void writeLora(ObjectNode root, Lora lora, Collection<String> targets) {
        root.putNull("task_type").put("inference_mode", true).put("bias", "none");
        root.put("r", lora.rank()).put("lora_alpha", lora.alpha()).put("lora_dropout", lora.dropout());
        put(root, TARGETS, targets);
    }

    // "all-linear" would make peft adapt a bare encoder's pooler as well: the layers are named one by one.
    private static Set<String> layers(Lora lora, Collection<String> names, String prefix) {
        return names.stream().filter(name -> AdapterTensors.belongs(lora, name)).map(name -> prefix + AdapterTensors.loraLayer(name))
            .collect(Collectors.toSet());
    }

    /** A sorted list; null when it is empty, as peft writes it. */
    private static void put(ObjectNode root, String field, Collection<String> texts) {
        if (texts.isEmpty()) {
            root.putNull(field);
            return;
        }
        ArrayNode list = root.putArray(field);
        texts.stream().sorted().forEach(list::add);
    }

    /** @throws BadInputException when the method or an option is not supported */
    static PeftMethod read(AdapterJson config) {
        try {
            return switch (config.text(TYPE)) {
                case "LORA" -> lora(config);
                case "HOULSBY" -> new BottleneckAdapter(config.integer(WIDTH), Placement.HOULSBY);
                case "PFEIFFER" -> new BottleneckAdapter(config.integer(WIDTH), Placement.PFEIFFER);
                case "BITFIT" -> new BitFit();
                case "FULL" -> new FullTuning(config.flag(EMBEDDINGS));
                default -> throw config.bad(TYPE, "LORA, HOULSBY, PFEIFFER, BITFIT or FULL");
            };
        } catch (IllegalArgumentException e) {
            throw new BadInputException(config.file() + ": " + e.getMessage() + ".", e);
        }
    }

    private static Lora lora(AdapterJson config) {
        for (String option : VARIANTS) {
            config.require(isOff(config.get(option)), option, "null or false: this variant of LoRA is not supported");
        }
        config.require(!config.has("bias") || config.text("bias").equals("none"), "bias", "none");
        JsonNode start = config.get("init_lora_weights");
        config.require(!start.isTextual() || start.textValue().equals("gaussian"), "init_lora_weights",
            "true, false or gaussian: other start values change the base model's weights");
        double dropout = config.has("lora_dropout") ? config.number("lora_dropout") : 0;
        return new Lora(config.integer("r"), config.number("lora_alpha"), dropout, targets(config));
    }

    private static Set<String> targets(AdapterJson config) {
        if (config.get(TARGETS).isTextual()) {
            config.require(config.text(TARGETS).equals(ALL_LINEAR), TARGETS, "a list of layers or " + ALL_LINEAR);
            return Set.of();
        }
        Set<String> targets = config.texts(TARGETS);
        config.require(!targets.isEmpty(), TARGETS, "a list of layers or " + ALL_LINEAR);
        return targets.stream().map(AdapterNames::withoutModel).collect(Collectors.toSet());
    }

    private static boolean isOff(JsonNode option) {
        return option.isMissingNode() || option.isNull() || option.isBoolean() && !option.booleanValue()
            || option.isContainerNode() && option.isEmpty();
    }

    /** Modules beside the method's own that were trained. */
    static Set<String> heads(AdapterJson config) {
        return config.texts(HEADS);
    }

    /** The base model; empty when the file does not say. */
    static String baseModel(AdapterJson config) {
        return config.has(BASE) ? config.text(BASE) : "";
    }
}
