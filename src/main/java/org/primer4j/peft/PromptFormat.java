package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.primer4j.model.io.TensorData;

/**
 * Prompt tuning as the peft library's PromptTuningConfig has it. For a model with a decoder that library stores as many rows again behind the
 * prompt and never reads them: they are kept, and written as zeros where there are none.
 */
final class PromptFormat implements MethodFormat {

    private static final Set<String> START = Set.of("prompt_tuning_init", "prompt_tuning_init_text", "tokenizer_name_or_path", "tokenizer_kwargs");

    @Override
    public String type() {
        return "PROMPT_TUNING";
    }

    @Override
    public boolean inPeft() {
        return true;
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof PromptTuning;
    }

    @Override
    public Set<String> fields() {
        Set<String> fields = new HashSet<>(PromptLearning.fields());
        fields.addAll(START);
        return fields;
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        return new PromptTuning(config.integer(PromptLearning.LENGTH));
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        PromptLearning.write(config, ((PromptTuning) method).length(), target);
    }

    @Override
    public Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target) {
        Map<String, TensorData> packed = PromptLearning.packHeads(method, tensors);
        TensorData prompt = tensors.get(PromptTuning.PROMPT);
        int rows = ((PromptTuning) method).length() * target.submodules();
        int cols = (int) prompt.shape()[1];
        packed.put(PromptLearning.TABLE, TensorData.of(new long[] {rows, cols}, Arrays.copyOf(prompt.floats(), rows * cols)));
        return packed;
    }

    @Override
    public Content unpack(PeftMethod method, AdapterTensors file, AdapterJson config) {
        int length = ((PromptTuning) method).length();
        int width = config.integer(PromptLearning.WIDTH);
        boolean decoder = PromptLearning.decoder(config);
        file.requireShape(PromptLearning.TABLE, decoder ? 2 * length : length, width);
        float[] table = file.tensors().get(PromptLearning.TABLE).floats();
        boolean spare = decoder && !zeros(table, length * width);
        PromptTuning prompt = new PromptTuning(length, spare ? length : 0);
        int rows = length + prompt.spareRows();
        Map<String, TensorData> tensors = PromptLearning.unpackHeads(file);
        tensors.put(PromptTuning.PROMPT, TensorData.of(new long[] {rows, width}, Arrays.copyOf(table, rows * width)));
        return new Content(prompt, tensors);
    }

    private static boolean zeros(float[] values, int from) {
        for (int i = from; i < values.length; i++) {
            if (values[i] != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        PromptTuning prompt = (PromptTuning) method;
        tensors.requireShape(PromptTuning.PROMPT, prompt.length() + prompt.spareRows(), AdapterTensors.ANY);
    }
}
