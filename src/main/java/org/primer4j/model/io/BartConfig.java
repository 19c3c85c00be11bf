package org.primer4j.model.io;

import static org.primer4j.model.io.ConfigChecks.MOST_LAYERS;
import static org.primer4j.model.io.ConfigChecks.MOST_ROWS;
import static org.primer4j.model.io.ConfigChecks.MOST_WIDTH;
import static org.primer4j.model.io.ConfigChecks.check;
import static org.primer4j.model.io.ConfigChecks.optionalTokenId;
import static org.primer4j.model.io.ConfigChecks.probability;
import static org.primer4j.model.io.ConfigChecks.size;
import static org.primer4j.model.io.ConfigChecks.tokenId;

import java.util.Map;
import org.primer4j.graph.ops.Activation;

/**
 * Sizes and constants of BART (Lewis et al. 2020), as Hugging Face's {@code config.json} holds them.
 *
 * @param vocabSize           rows of the word embeddings, which both stacks and the head share
 * @param hiddenSize          width d of the hidden states, a multiple of both numbers of heads
 * @param encoder             the encoder's sizes
 * @param decoder             the decoder's sizes
 * @param maxPositions        most tokens of a sequence; the position tables have {@value #POSITION_OFFSET} rows more
 * @param activation          of the feed-forward layers, by Hugging Face's name
 * @param scaleEmbedding      whether word embeddings are multiplied by sqrt(d)
 * @param padTokenId          id of the padding token
 * @param bosTokenId          id of the token that begins a text
 * @param eosTokenId          id of the token that ends a text
 * @param decoderStartTokenId id that the decoder reads first
 * @param forcedBosTokenId    id that generation is made to begin with; null for none
 * @param forcedEosTokenId    id that generation is made to end with at its longest; null for none
 * @param dropout             probability on embeddings and block outputs, in [0, 1)
 * @param activationDropout   probability after the activation, in [0, 1)
 * @param attentionDropout    probability on attention weights, in [0, 1); read and written, not applied in training
 */
public record BartConfig(int vocabSize, int hiddenSize, Stack encoder, Stack decoder, int maxPositions, String activation,
        boolean scaleEmbedding, int padTokenId, int bosTokenId, int eosTokenId, int decoderStartTokenId, Integer forcedBosTokenId,
        Integer forcedEosTokenId, double dropout, double activationDropout, double attentionDropout) implements Seq2SeqConfig {

    /** The row of the position tables that a sequence's first token has. */
    public static final int POSITION_OFFSET = 2;

    /** BART's LayerNorm has torch's epsilon; the configuration does not name it. */
    public static final double LAYER_NORM_EPS = 1e-5;

    /**
     * Sizes of one stack of transformer blocks.
     *
     * @param layers blocks
     * @param heads  attention heads per block
     * @param ffn    width of the feed-forward layer
     */
    public record Stack(int layers, int heads, int ffn) {

        private void check(String stack, int hiddenSize) {
            size(stack + "_layers", layers, MOST_LAYERS);
            size(stack + "_attention_heads", heads, hiddenSize);
            size(stack + "_ffn_dim", ffn, MOST_WIDTH);
            ConfigChecks.check(hiddenSize % heads == 0, "d_model", hiddenSize, "a multiple of " + stack + "_attention_heads, which is " + heads);
        }
    }

    /** @throws IllegalArgumentException naming the field of {@code config.json} that is wrong, found and expected */
    public BartConfig {
        size("vocab_size", vocabSize, MOST_ROWS);
        size("d_model", hiddenSize, MOST_WIDTH);
        encoder.check("encoder", hiddenSize);
        decoder.check("decoder", hiddenSize);
        size("max_position_embeddings", maxPositions, MOST_ROWS);
        check(ActivationNames.known(activation), "activation_function", activation, ActivationNames.expected());
        tokenId("pad_token_id", padTokenId, vocabSize);
        tokenId("bos_token_id", bosTokenId, vocabSize);
        tokenId("eos_token_id", eosTokenId, vocabSize);
        tokenId("decoder_start_token_id", decoderStartTokenId, vocabSize);
        optionalTokenId("forced_bos_token_id", forcedBosTokenId, vocabSize);
        optionalTokenId("forced_eos_token_id", forcedEosTokenId, vocabSize);
        probability("dropout", dropout);
        probability("activation_dropout", activationDropout);
        probability("attention_dropout", attentionDropout);
    }

    /** The activation of the feed-forward layers. */
    public Activation activationFunction() {
        return ActivationNames.of(activation);
    }

    @Override
    public BartConfig withoutDropout() {
        return new BartConfig(vocabSize, hiddenSize, encoder, decoder, maxPositions, activation, scaleEmbedding, padTokenId, bosTokenId, eosTokenId,
                decoderStartTokenId, forcedBosTokenId, forcedEosTokenId, 0, 0, 0);
    }

    @Override
    public String modelType() {
        return "bart";
    }

    @Override
    public int encoderLayers() {
        return encoder.layers();
    }

    @Override
    public int decoderLayers() {
        return decoder.layers();
    }

    @Override
    public String toJson() {
        return BartConfigJson.write(this);
    }

    @Override
    public Map<String, long[]> weightShapes() {
        return BartWeights.shapes(this);
    }

    @Override
    public String prefix() {
        return "model.";
    }
}
