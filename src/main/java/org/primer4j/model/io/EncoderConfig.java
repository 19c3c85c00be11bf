package org.primer4j.model.io;

import java.nio.file.Path;
import java.util.Set;
import org.primer4j.BadInputException;

/**
 * Sizes and constants of a BERT-family encoder, as Hugging Face's {@code config.json} holds them.
 *
 * @param modelType        {@code bert} or {@code roberta} (RoBERTa's positions start at {@code padTokenId + 1})
 * @param vocabSize        rows of the word embeddings
 * @param hiddenSize       width d of the hidden states, a multiple of {@code heads}
 * @param layers           number of transformer blocks
 * @param heads            attention heads per block
 * @param intermediateSize width of the feed-forward layer
 * @param maxPositions     rows of the position embeddings
 * @param typeVocabSize    rows of the token type embeddings
 * @param layerNormEps     epsilon of every LayerNorm
 * @param activation       {@code gelu}, the erf form
 * @param padTokenId       id of the padding token
 * @param hiddenDropout    dropout probability on embeddings and block outputs, in [0, 1)
 * @param attentionDropout dropout probability on attention weights, in [0, 1); read and written, not applied in training
 */
public record EncoderConfig(String modelType, int vocabSize, int hiddenSize, int layers, int heads, int intermediateSize,
        int maxPositions, int typeVocabSize, double layerNormEps, String activation, int padTokenId,
        double hiddenDropout, double attentionDropout) {

    /** The model types this project has. */
    static final Set<String> MODEL_TYPES = Set.of("bert", "roberta");
    private static final int MOST_ROWS = 10_000_000;
    private static final int MOST_WIDTH = 1 << 18;
    private static final int MOST_LAYERS = 1024;

    /** @throws IllegalArgumentException naming the field of {@code config.json} that is wrong, found and expected */
    public EncoderConfig {
        check(MODEL_TYPES.contains(modelType), "model_type", modelType, "bert or roberta");
        check(activation.equals("gelu"), "hidden_act", activation, "gelu (the erf form)");
        checkSize("vocab_size", vocabSize, MOST_ROWS);
        checkSize("hidden_size", hiddenSize, MOST_WIDTH);
        checkSize("num_hidden_layers", layers, MOST_LAYERS);
        checkSize("num_attention_heads", heads, hiddenSize);
        check(hiddenSize % heads == 0, "hidden_size", hiddenSize, "a multiple of num_attention_heads, which is " + heads);
        checkSize("intermediate_size", intermediateSize, MOST_WIDTH);
        checkSize("max_position_embeddings", maxPositions, MOST_ROWS);
        checkSize("type_vocab_size", typeVocabSize, MOST_ROWS);
        check(layerNormEps > 0 && layerNormEps < 1, "layer_norm_eps", layerNormEps, "a number between 0 and 1");
        check(padTokenId >= 0 && padTokenId < vocabSize, "pad_token_id", padTokenId, "an id below vocab_size");
        checkProbability("hidden_dropout_prob", hiddenDropout);
        checkProbability("attention_probs_dropout_prob", attentionDropout);
    }

    private static void checkSize(String field, int found, int most) {
        check(found >= 1 && found <= most, field, found, "a whole number from 1 to " + most);
    }

    private static void checkProbability(String field, double found) {
        check(found >= 0 && found < 1, field, found, "a probability in [0, 1)");
    }

    private static void check(boolean right, String field, Object found, String expected) {
        if (!right) {
            throw new IllegalArgumentException("found " + field + " " + Text.shorten(String.valueOf(found)) + "; expected " + expected);
        }
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws BadInputException if it is missing, not JSON, lacks a field, or describes a model that is not supported
     */
    public static EncoderConfig read(Path file) {
        return EncoderConfigJson.read(file);
    }

    /** This configuration as the text of a {@code config.json} that transformers reads, ending in a line feed. */
    public String toJson() {
        return EncoderConfigJson.write(this);
    }

    /** Width of one attention head. */
    public int headSize() {
        return hiddenSize / heads;
    }
}
