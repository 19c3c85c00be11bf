package org.primer4j.model.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.AtomicFolder;

/**
 * A pretrained encoder: configuration, weights and tokenizer. The weights may lie in a mapped file and be read only
 * when asked; the file must stay as it is meanwhile.
 *
 * @param config        sizes and constants
 * @param weights       float32 tensors by Hugging Face name without the model's prefix, heads under their own names;
 *                      linear weights are [out, in]
 * @param tokenizerJson the bytes of {@code tokenizer.json}
 */
public record PretrainedModel(EncoderConfig config, Map<String, TensorData> weights, byte[] tokenizerJson) {

    /** @throws BadInputException if a weight is missing or has another shape than the configuration asks for */
    public PretrainedModel {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
        tokenizerJson = tokenizerJson.clone();
        Map<String, TensorData> given = weights;
        EncoderWeights.check("The model", config, name -> given.containsKey(name) ? given.get(name).shape() : null);
    }

    @Override
    public byte[] tokenizerJson() {
        return tokenizerJson.clone();
    }

    /**
     * The sentence encoder all-MiniLM-L6-v2 from its Maven artifact on the class path.
     *
     * @throws BadInputException if the artifact is not on the class path, saying which dependency to add
     */
    public static PretrainedModel miniLm() {
        return MiniLm.load(PretrainedModel.class.getClassLoader());
    }

    /**
     * Reads a Hugging Face folder with {@code config.json}, {@code model.safetensors} and {@code tokenizer.json}.
     *
     * @throws BadInputException if a file is missing or unusable, or the weights do not match the configuration
     */
    public static PretrainedModel read(Path folder) {
        try (PretrainedFolder read = PretrainedFolder.read(folder)) {
            return new PretrainedModel(read.config(), read.weights(), bytes(read.tokenizerJson()));
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    /**
     * Writes this model as a Hugging Face folder, which appears complete or not at all.
     *
     * @param folder must not exist or be empty; its parent must exist
     * @throws BadInputException if the folder holds something or cannot be written
     */
    public void write(Path folder) {
        AtomicFolder.write(folder, this::writeFiles);
    }

    private void writeFiles(Path folder) throws IOException {
        byte[] json = config.toJson().getBytes(StandardCharsets.UTF_8);
        AtomicFile.writeSynced(folder.resolve(PretrainedFolder.CONFIG), json);
        AtomicFile.writeSynced(folder.resolve(PretrainedFolder.TOKENIZER), tokenizerJson);
        // transformers refuses a file whose metadata does not name the framework.
        AtomicFile.writeSynced(folder.resolve(PretrainedFolder.WEIGHTS),
                channel -> SafetensorsWriter.writeTo(channel, weights, Map.of("format", "pt")));
    }
}
