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
import org.primer4j.text.Vocabulary;

/**
 * A pretrained model: configuration, weights and tokenizer. The weights may lie in a mapped file and be read only
 * when asked; the file must stay as it is meanwhile.
 *
 * @param config        sizes and constants
 * @param weights       float32 tensors by Hugging Face name without the model's prefix, heads under their own names;
 *                      linear weights are [out, in]
 * @param tokenizerJson the bytes of {@code tokenizer.json}
 * @param generation    how the model's folder says to generate; null where it says nothing
 */
public record PretrainedModel(ModelConfig config, Map<String, TensorData> weights, byte[] tokenizerJson, GenerationDefaults generation) {

    /** Bytes of tensors in one file, as transformers writes them: 5 GB. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    /** @throws BadInputException if a weight is missing or has another shape than the configuration asks for */
    public PretrainedModel {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
        tokenizerJson = tokenizerJson.clone();
        Map<String, TensorData> given = weights;
        WeightNames.check("The model", config, name -> given.containsKey(name) ? given.get(name).shape() : null);
    }

    /** A model whose folder says nothing on generation. */
    public PretrainedModel(ModelConfig config, Map<String, TensorData> weights, byte[] tokenizerJson) {
        this(config, weights, tokenizerJson, null);
    }

    /** The same model with other weights. */
    public PretrainedModel withWeights(Map<String, TensorData> others) {
        return new PretrainedModel(config, others, tokenizerJson, generation);
    }

    /** The same model under another configuration. */
    public PretrainedModel withConfig(ModelConfig other) {
        return new PretrainedModel(other, weights, tokenizerJson, generation);
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
     * Reads a Hugging Face folder with {@code config.json}, {@code model.safetensors} (or several files with an index),
     * {@code tokenizer.json} and perhaps {@code generation_config.json}.
     *
     * @throws BadInputException if a file is missing or unusable, the weights do not match the configuration, or the tokenizer has
     *                           ids that the model has no embedding for
     */
    public static PretrainedModel read(Path folder) {
        try (PretrainedFolder read = PretrainedFolder.read(folder)) {
            byte[] tokenizer = bytes(read.tokenizerJson());
            Vocabulary.of(tokenizer, read.tokenizerJson().toString()).requireFits(read.config().vocabSize());
            return new PretrainedModel(read.config(), read.weights(), tokenizer, read.generation());
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    /** As {@link #write(Path, long)}, with files of at most {@link #SHARD_BYTES}. */
    public void write(Path folder) {
        write(folder, SHARD_BYTES);
    }

    /**
     * Writes this model as a Hugging Face folder, which appears complete or not at all.
     *
     * @param folder     must not exist or be empty; its parent must exist
     * @param shardBytes bytes of tensors above which the weights are cut into several files; a larger tensor has one of its own
     * @throws BadInputException if the folder holds something or cannot be written
     */
    public void write(Path folder, long shardBytes) {
        AtomicFolder.write(folder, target -> writeFiles(target, shardBytes));
    }

    private void writeFiles(Path folder, long shardBytes) throws IOException {
        AtomicFile.writeSynced(folder.resolve(PretrainedFolder.CONFIG), utf8(config.toJson()));
        AtomicFile.writeSynced(folder.resolve(PretrainedFolder.TOKENIZER), tokenizerJson);
        if (generation != null) {
            AtomicFile.writeSynced(folder.resolve(GenerationDefaults.FILE), utf8(generation.json()));
        }
        Map<String, TensorData> named = new LinkedHashMap<>();
        weights.forEach((plain, tensor) -> named.put(WeightNames.inFile(config, plain), tensor));
        ShardWriter.write(folder, named, shardBytes);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
