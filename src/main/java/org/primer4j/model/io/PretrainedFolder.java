package org.primer4j.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * A Hugging Face folder with a BERT-family encoder: {@code config.json}, {@code model.safetensors} and, for text,
 * {@code tokenizer.json}. Reading checks that configuration and weights match; the weights themselves stay on the disk.
 */
public final class PretrainedFolder implements AutoCloseable {

    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.safetensors";
    static final String TOKENIZER = "tokenizer.json";

    /** Heads have a handful of tensors; every tensor is one mapping, of which a process has about 65,000. */
    private static final int MOST_EXTRA = 1000;

    private final Path folder;
    private final EncoderConfig config;
    private final SafetensorsFile file;
    /** Name in the file by plain name. */
    private final Map<String, String> names = new LinkedHashMap<>();

    private PretrainedFolder(Path folder, EncoderConfig config, SafetensorsFile file) {
        this.folder = folder;
        this.config = config;
        this.file = file;
    }

    /**
     * Opens a folder; {@code tokenizer.json} may be missing until {@link #tokenizerJson} is asked for.
     *
     * @throws BadInputException if a file is missing or unusable, or a weight is missing or has another shape than
     *                           the configuration asks for
     */
    public static PretrainedFolder read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(folder + ": there is no such folder; expected one with config.json, model.safetensors"
                    + " and tokenizer.json.");
        }
        EncoderConfig config = EncoderConfig.read(folder.resolve(CONFIG));
        SafetensorsFile file = SafetensorsFile.open(weightsFile(folder));
        try {
            PretrainedFolder read = new PretrainedFolder(folder, config, file);
            read.requireFewExtra();
            read.findNames();
            EncoderWeights.check(folder.resolve(WEIGHTS), config, read::shapeOf);
            return read;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Path weightsFile(Path folder) {
        Path weights = folder.resolve(WEIGHTS);
        if (Files.exists(weights)) {
            return weights;
        }
        if (Files.exists(folder.resolve(WEIGHTS + ".index.json"))) {
            throw new BadInputException(folder + ": found weights cut into several files; expected one model.safetensors:"
                    + " save the model again with save_pretrained(folder, max_shard_size='100GB').");
        }
        if (Files.exists(folder.resolve("pytorch_model.bin"))) {
            throw new BadInputException(folder + ": found pytorch_model.bin, a pickle that may run code when read; expected"
                    + " model.safetensors: convert it in Python with AutoModel.from_pretrained(folder).save_pretrained(folder).");
        }
        throw new BadInputException(weights + ": there is no such file; expected the model's weights.");
    }

    private void requireFewExtra() {
        int extra = file.names().size() - EncoderWeights.shapes(config).size();
        if (extra > MOST_EXTRA) {
            throw new BadInputException(folder.resolve(WEIGHTS) + ": found " + extra + " tensors more than the encoder has;"
                    + " expected at most " + MOST_EXTRA + " for heads.");
        }
    }

    private void findNames() {
        for (String name : file.names()) {
            if (EncoderWeights.isPositionIds(name)) {
                continue;
            }
            String plain = EncoderWeights.plainName(config, name);
            String other = names.put(plain, name);
            if (other != null) {
                throw new BadInputException(folder.resolve(WEIGHTS) + ": found both '" + other + "' and '" + name
                        + "'; expected one tensor for " + plain + ".");
            }
        }
    }

    private long[] shapeOf(String plain) {
        return names.containsKey(plain) ? file.info(names.get(plain)).shape() : null;
    }

    /** The sizes and constants of {@code config.json}. */
    public EncoderConfig config() {
        return config;
    }

    /** The open weights file, with the names as they stand in it. */
    public SafetensorsFile file() {
        return file;
    }

    /**
     * All float tensors, heads too, by Hugging Face name without {@code bert.} or {@code roberta.}; mapped, read when
     * asked, valid after {@link #close}.
     */
    public Map<String, TensorData> weights() {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        names.forEach((plain, name) -> weights.put(plain, file.tensor(name)));
        return Collections.unmodifiableMap(weights);
    }

    /** A Hugging Face name without the model's prefix {@code bert.} or {@code roberta.}. */
    public String plainName(String name) {
        return EncoderWeights.plainName(config, name);
    }

    /** Plain names of tensors that belong neither to the encoder nor to a known head; worth a warning. */
    public List<String> unexpected() {
        List<String> unexpected = new ArrayList<>(names.keySet());
        unexpected.removeAll(EncoderWeights.shapes(config).keySet());
        unexpected.removeIf(EncoderWeights::isHead);
        return unexpected;
    }

    /**
     * Path of {@code tokenizer.json}.
     *
     * @throws BadInputException if it is not there
     */
    public Path tokenizerJson() {
        Path tokenizer = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(tokenizer)) {
            throw new BadInputException(tokenizer + ": there is no such file; expected the tokenizer, which Python writes with"
                    + " AutoTokenizer.from_pretrained(folder).save_pretrained(folder).");
        }
        return tokenizer;
    }

    @Override
    public void close() {
        file.close();
    }
}
