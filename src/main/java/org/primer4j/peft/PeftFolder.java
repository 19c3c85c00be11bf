package org.primer4j.peft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.AtomicFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.TensorData;

/**
 * A trained adapter as a folder: {@code adapter_config.json} (the method), {@code adapter_model.safetensors} (the tensors) and
 * {@code primer.json} (the extras). LoRA, IA3, prompt tuning, and prefix tuning where that library has it, are written as Hugging Face's peft
 * library writes them, and its folders are read, with or without {@code primer.json}. What it cannot express has a {@code peft_type} of our
 * own, says {@code "made_for": "primer4j"}, and its tensors keep their names. With a prefix or a prompt that library drops a BERT's token
 * types, and computes what is computed here only where they are all 0.
 *
 * @see <a href="https://huggingface.co/docs/peft/developer_guides/checkpoint">peft's format</a>
 */
public final class PeftFolder {

    static final String CONFIG = "adapter_config.json";
    static final String WEIGHTS = "adapter_model.safetensors";
    static final String EXTRAS = "primer.json";

    private PeftFolder() {}

    /**
     * Writes a folder that appears complete or not at all.
     *
     * @param folder must not exist or be empty; its parent must exist
     * @param target the model it was tuned on
     * @throws BadInputException if the folder holds something or cannot be written
     */
    public static void write(Path folder, TrainedAdapter adapter, PeftTarget target) {
        Map<String, TensorData> tensors = pack(adapter, target);
        byte[] config = AdapterJson.bytes(AdapterConfig.write(adapter, target));
        byte[] extras = AdapterJson.bytes(AdapterJson.extras(adapter.extras()));
        AtomicFolder.write(folder, place -> {
            AtomicFile.writeSynced(place.resolve(CONFIG), config);
            AtomicFile.writeSynced(place.resolve(EXTRAS), extras);
            AtomicFile.writeSynced(place.resolve(WEIGHTS),
                channel -> SafetensorsWriter.writeTo(channel, tensors, Map.of("format", "pt")));
        });
    }

    /** Whether the peft library has a form for a method on a model. */
    public static boolean inPeft(PeftMethod method, PeftTarget target) {
        return MethodFormats.of(method, target).inPeft();
    }

    /** An adapter's tensors by their names in its file, with their shapes there. */
    public static Map<String, TensorData> pack(TrainedAdapter adapter, PeftTarget target) {
        return MethodFormats.of(adapter.method(), target).pack(adapter.method(), adapter.tensors(), target);
    }

    /**
     * Reads a folder; its tensors are copied, so that the files may go.
     *
     * @throws BadInputException if a file is missing or malformed, the method or an option of it is not supported, or the tensors
     *                           do not fit the method
     */
    public static TrainedAdapter read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(folder + ": there is no such folder; expected one with " + CONFIG + " and " + WEIGHTS + ".");
        }
        Path file = folder.resolve(CONFIG);
        AdapterJson config = AdapterJson.read(file);
        Path weights = folder.resolve(WEIGHTS);
        MethodFormat.Content content = AdapterConfig.read(config, new AdapterTensors(weights, tensors(weights)));
        return new TrainedAdapter(content.method(), AdapterConfig.baseModel(config), content.tensors(), extras(folder.resolve(EXTRAS)));
    }

    private static Map<String, TensorData> tensors(Path file) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            weights.names().forEach(name -> tensors.put(name, TensorData.of(weights.info(name).shape(), weights.floats(name))));
        }
        return tensors;
    }

    private static Map<String, Object> extras(Path file) {
        return Files.exists(file) ? AdapterJson.read(file).extras() : Map.of();
    }
}
