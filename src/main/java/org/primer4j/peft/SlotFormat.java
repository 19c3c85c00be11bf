package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.model.io.TensorData;

/**
 * Prefix tuning as the peft library's PrefixTuningConfig has it: one table {@code [P, 2 L d]} of 2 L slots. An encoder's layer i takes its
 * keys from slot 2 i and its values from the next one; for BART see {@link SlotPrefix}.
 */
final class SlotFormat implements MethodFormat {

    @Override
    public String type() {
        return "PREFIX_TUNING";
    }

    @Override
    public boolean inPeft() {
        return true;
    }

    /** A prefix in each layer of an encoder that stands alone can be written so; any other one cannot. */
    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof SlotPrefix || target != null && !target.decoder() && method instanceof PrefixTuning prefix
            && prefix.sites().contains(AttentionSite.ENCODER);
    }

    /** The hidden size is that of the reparametrisation's network, which must be off. */
    @Override
    public Set<String> fields() {
        Set<String> fields = new HashSet<>(PromptLearning.fields());
        fields.add("encoder_hidden_size");
        return fields;
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        int length = config.integer(PromptLearning.LENGTH);
        return PromptLearning.decoder(config) ? new SlotPrefix(length, config.integer(PromptLearning.LAYERS))
            : new PrefixTuning(length, Set.of(AttentionSite.ENCODER));
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        PromptLearning.write(config, length(method), target);
        config.put("encoder_hidden_size", target.width()).put("prefix_projection", false);
        if (method instanceof SlotPrefix slots) {
            config.put(PromptLearning.LAYERS, slots.layers()).put(PromptLearning.STACKS, 2);
        }
    }

    private static int length(PeftMethod method) {
        return method instanceof SlotPrefix slots ? slots.length() : ((PrefixTuning) method).length();
    }

    // Plain names of the slots, in their order.
    private static List<String> names(PeftMethod method, int layers) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            String site = "encoder.layer." + i + ".attention.self";
            names.add(method instanceof SlotPrefix ? SlotPrefix.slot(2 * i) : site + PrefixTuning.KEY);
            names.add(method instanceof SlotPrefix ? SlotPrefix.slot(2 * i + 1) : site + PrefixTuning.VALUE);
        }
        return names;
    }

    @Override
    public Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target) {
        List<String> names = names(method, method instanceof SlotPrefix slots ? slots.layers() : target.layers());
        int length = length(method);
        int d = (int) tensors.get(names.get(0)).shape()[1];
        float[] table = new float[length * names.size() * d];
        for (int slot = 0; slot < names.size(); slot++) {
            float[] values = tensors.get(names.get(slot)).floats();
            for (int row = 0; row < length; row++) {
                System.arraycopy(values, row * d, table, (row * names.size() + slot) * d, d);
            }
        }
        Map<String, TensorData> packed = PromptLearning.packHeads(method, tensors);
        packed.put(PromptLearning.TABLE, TensorData.of(new long[] {length, (long) names.size() * d}, table));
        return packed;
    }

    @Override
    public Content unpack(PeftMethod method, AdapterTensors file, AdapterJson config) {
        int length = length(method);
        int d = config.integer(PromptLearning.WIDTH);
        List<String> names = names(method, config.integer(PromptLearning.LAYERS));
        file.requireShape(PromptLearning.TABLE, length, names.size() * d);
        float[] table = file.tensors().get(PromptLearning.TABLE).floats();
        Map<String, TensorData> tensors = PromptLearning.unpackHeads(file);
        for (int slot = 0; slot < names.size(); slot++) {
            float[] values = new float[length * d];
            for (int row = 0; row < length; row++) {
                System.arraycopy(table, (row * names.size() + slot) * d, values, row * d, d);
            }
            tensors.put(names.get(slot), TensorData.of(new long[] {length, d}, values));
        }
        return new Content(method, tensors);
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        if (method instanceof SlotPrefix slots) {
            names(method, slots.layers()).forEach(name -> tensors.requireShape(name, slots.length(), AdapterTensors.ANY));
        }
    }
}
