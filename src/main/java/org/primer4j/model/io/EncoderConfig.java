package org.primer4j.model.io;

import static org.primer4j.model.io.ConfigChecks.MOST_LAYERS;
import static org.primer4j.model.io.ConfigChecks.MOST_ROWS;
import static org.primer4j.model.io.ConfigChecks.MOST_WIDTH;
import static org.primer4j.model.io.ConfigChecks.check;
import static org.primer4j.model.io.ConfigChecks.epsilon;
import static org.primer4j.model.io.ConfigChecks.probability;
import static org.primer4j.model.io.ConfigChecks.size;
import static org.primer4j.model.io.ConfigChecks.tokenId;

import java.util.Map;
import java.util.Set;

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
        double hiddenDropout, double attentionDropout) implements ModelConfig {

    /** The model types this project has. */
    static final Set<String> MODEL_TYPES = Set.of("bert", "roberta");

    /** @throws IllegalArgumentException naming the field of {@code config.json} that is wrong, found and expected */
    public EncoderConfig {
        check(MODEL_TYPES.contains(modelType), "model_type", modelType, "bert or roberta");
        check(activation.equals("gelu"), "hidden_act", activation, "gelu (the erf form)");
        size("vocab_size", vocabSize, MOST_ROWS);
        size("hidden_size", hiddenSize, MOST_WIDTH);
        size("num_hidden_layers", layers, MOST_LAYERS);
        size("num_attention_heads", heads, hiddenSize);
        check(hiddenSize % heads == 0, "hidden_size", hiddenSize, "a multiple of num_attention_heads, which is " + heads);
        size("intermediate_size", intermediateSize, MOST_WIDTH);
        size("max_position_embeddings", maxPositions, MOST_ROWS);
        size("type_vocab_size", typeVocabSize, MOST_ROWS);
        epsilon("layer_norm_eps", layerNormEps);
        tokenId("pad_token_id", padTokenId, vocabSize);
        probability("hidden_dropout_prob", hiddenDropout);
        probability("attention_probs_dropout_prob", attentionDropout);
    }

    @Override
    public String toJson() {
        return EncoderConfigJson.write(this);
    }

    @Override
    public Map<String, long[]> weightShapes() {
        return EncoderWeights.shapes(this);
    }

    @Override
    public String prefix() {
        return modelType + ".";
    }

    @Override
    public EncoderConfig asEncoder() {
        return this;
    }

    /** Width of one attention head. */
    public int headSize() {
        return hiddenSize / heads;
    }
}
