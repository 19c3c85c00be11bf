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
 * {@code primer.json} (the extras). LoRA is written as Hugging Face's peft library writes it, and that library's folders are
 * read, with or without {@code primer.json}. The other methods have no counterpart there: their {@code peft_type} is our own and
 * their tensors keep their names.
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
     * @param prefix the model's prefix in the names of LoRA's tensors, such as {@code bert.} when the base model has a head;
     *               empty for a bare encoder, as {@code PretrainedModel.write} leaves it
     * @throws BadInputException if the folder holds something or cannot be written
     */
    public static void write(Path folder, TrainedAdapter adapter, String prefix) {
        AdapterNames names = AdapterNames.of(adapter.method(), prefix);
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        adapter.tensors().forEach((name, tensor) -> tensors.put(names.inFile(name), tensor));
        byte[] config = AdapterJson.bytes(MethodJson.write(adapter, prefix));
        byte[] extras = AdapterJson.bytes(AdapterJson.extras(adapter.extras()));
        AtomicFolder.write(folder, target -> {
            AtomicFile.writeSynced(target.resolve(CONFIG), config);
            AtomicFile.writeSynced(target.resolve(EXTRAS), extras);
            AtomicFile.writeSynced(target.resolve(WEIGHTS),
                channel -> SafetensorsWriter.writeTo(channel, tensors, Map.of("format", "pt")));
        });
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
        PeftMethod method = MethodJson.read(config);
        Map<String, TensorData> tensors = tensors(folder.resolve(WEIGHTS), method);
        AdapterTensors.check(folder.resolve(WEIGHTS), method, MethodJson.heads(config), tensors);
        return new TrainedAdapter(method, MethodJson.baseModel(config), tensors, extras(folder.resolve(EXTRAS)));
    }

    private static Map<String, TensorData> tensors(Path file, PeftMethod method) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            for (String name : weights.names()) {
                TensorData tensor = TensorData.of(weights.info(name).shape(), weights.floats(name));
                String plain = AdapterNames.plain(file, method, name);
                if (tensors.put(plain, tensor) != null) {
                    throw new BadInputException(file + ": found two tensors for '" + plain + "'; expected one.");
                }
            }
        }
        return tensors;
    }

    private static Map<String, Object> extras(Path file) {
        return Files.exists(file) ? AdapterJson.read(file).extras() : Map.of();
    }
}
