package org.primer4j.model.io;

import java.nio.file.Path;
import java.util.Map;
import org.primer4j.BadInputException;

/** Sizes and constants of a model, as Hugging Face's {@code config.json} holds them. */
public sealed interface ModelConfig permits EncoderConfig, Seq2SeqConfig {

    /** {@code bert}, {@code bart}, ... */
    String modelType();

    /** Rows of the word embeddings. */
    int vocabSize();

    /** Width d of the hidden states. */
    int hiddenSize();

    /** Id of the padding token. */
    int padTokenId();

    /** The same without the probabilities of dropout that training takes from here, and not from its own settings. */
    default ModelConfig withoutDropout() {
        return this;
    }

    /** This configuration as the text of a {@code config.json} that transformers reads, ending in a line feed. */
    String toJson();

    /** Every weight the model needs by its plain name, with its shape; linear weights are [out, in]. */
    Map<String, long[]> weightShapes();

    /** What checkpoints put before the plain name of a tensor, such as {@code model.}. */
    String prefix();

    /**
     * This configuration, of an encoder.
     *
     * @throws BadInputException if it is another kind of model
     */
    default EncoderConfig asEncoder() {
        throw new BadInputException("The model is a " + modelType() + ", which writes texts; expected an encoder (bert or roberta) to score them.");
    }

    /**
     * This configuration, of an encoder with a decoder.
     *
     * @throws BadInputException if it is another kind of model
     */
    default Seq2SeqConfig asSeq2Seq() {
        throw new BadInputException("The model is a " + modelType() + ", an encoder; expected one that writes texts (bart, t5 or mt5).");
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws BadInputException if it is missing, not JSON, lacks a field, or describes a model that is not supported
     */
    static ModelConfig read(Path file) {
        return ConfigJson.read(file);
    }
}
