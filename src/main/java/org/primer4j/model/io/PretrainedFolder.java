package org.primer4j.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/**
 * A model's Hugging Face folder: {@code config.json}, {@code model.safetensors} (or several files with an index) and, for text,
 * {@code tokenizer.json}. Reading checks that configuration and weights match; the weights themselves stay on the disk.
 */
public final class PretrainedFolder implements AutoCloseable {

    static final String CONFIG = "config.json";
    static final String TOKENIZER = "tokenizer.json";

    /** Heads have a handful of tensors; every tensor is one mapping, of which a process has about 65,000. */
    private static final int MOST_EXTRA = 1000;

    private static final Pattern LAYER = Pattern.compile("^(encoder|decoder)\\.(layer|layers|block)\\.\\d+\\.");

    private final Path folder;
    private final Checkpoint checkpoint;
    /** Name in the files by plain name. */
    private final Map<String, String> names = new LinkedHashMap<>();
    private ModelConfig config;

    private PretrainedFolder(Path folder, ModelConfig config, Checkpoint checkpoint) {
        this.folder = folder;
        this.config = config;
        this.checkpoint = checkpoint;
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
        ModelConfig config = ModelConfig.read(folder.resolve(CONFIG));
        Checkpoint checkpoint = Checkpoint.open(folder);
        try {
            PretrainedFolder read = new PretrainedFolder(folder, config, checkpoint);
            read.requireFewExtra();
            read.findNames();
            read.dropCopies();
            WeightNames.check(checkpoint.path(), read.config, read::shapeOf);
            read.requireNoOtherLayers();
            return read;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void requireFewExtra() {
        int extra = checkpoint.names().size() - config.weightShapes().size();
        if (extra > MOST_EXTRA) {
            throw new BadInputException(checkpoint.path() + ": found " + extra + " tensors more than the model has;"
                    + " expected at most " + MOST_EXTRA + " for heads.");
        }
    }

    // Layers that config.json does not have would be left out without a word, and the model would be another one.
    private void requireNoOtherLayers() {
        for (String name : unexpected()) {
            if (LAYER.matcher(name).find()) {
                throw new BadInputException(checkpoint.path() + ": found tensor '" + Text.shorten(name) + "', which the " + config.modelType()
                        + " that config.json describes does not have; expected the weights of its layers alone.");
            }
        }
    }

    private void findNames() {
        for (String name : checkpoint.names()) {
            if (WeightNames.ignored(name)) {
                continue;
            }
            String plain = WeightNames.plain(config, name);
            String other = names.put(plain, name);
            if (other != null) {
                throw new BadInputException(checkpoint.path() + ": found both '" + other + "' and '" + name
                        + "'; expected one tensor for " + plain + ".");
            }
        }
    }

    private void dropCopies() {
        if (config instanceof Seq2SeqConfig seq2seq) {
            config = new EmbeddingCopies(checkpoint, names).drop(seq2seq, folder.resolve(CONFIG));
        }
    }

    private long[] shapeOf(String plain) {
        if (names.containsKey(plain)) {
            return checkpoint.info(names.get(plain)).shape();
        }
        return added(plain) ? config.weightShapes().get(plain) : null;
    }

    // A checkpoint of the bare BART has no bias on the logits, which then is zero, as transformers starts it.
    private boolean added(String plain) {
        return config instanceof BartConfig && plain.equals(BartWeights.LOGITS_BIAS) && !names.containsKey(plain);
    }

    /** The sizes and constants of {@code config.json}. */
    public ModelConfig config() {
        return config;
    }

    /** The open weights, with the names as they stand in the files. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /**
     * All tensors, heads too, by Hugging Face name without the model's prefix; mapped, read when asked, valid after {@link #close}.
     */
    public Map<String, TensorData> weights() {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        names.forEach((plain, name) -> weights.put(plain, checkpoint.tensor(name)));
        config.weightShapes().forEach((plain, shape) -> {
            if (added(plain)) {
                weights.put(plain, TensorData.of(shape, new float[(int) (shape[0] * shape[1])]));
            }
        });
        return Collections.unmodifiableMap(weights);
    }

    /** A Hugging Face name without the model's prefix, such as {@code bert.} or {@code model.}. */
    public String plainName(String name) {
        return WeightNames.plain(config, name);
    }

    /** Plain names of tensors that belong neither to the model nor to a known head; worth a warning. */
    public List<String> unexpected() {
        List<String> unexpected = new ArrayList<>(names.keySet());
        unexpected.removeAll(config.weightShapes().keySet());
        unexpected.removeIf(name -> config instanceof EncoderConfig && EncoderWeights.isHead(name));
        return unexpected;
    }

    /** How the folder says to generate; null for an encoder. */
    public GenerationDefaults generation() {
        return config instanceof Seq2SeqConfig ? GenerationDefaults.read(folder) : null;
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
        checkpoint.close();
    }
}
