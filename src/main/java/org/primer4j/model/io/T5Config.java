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
import org.primer4j.graph.ops.Activation;

/**
 * Sizes and constants of T5 (Raffel et al. 2020), its version 1.1 and mT5 (Xue et al. 2021), as Hugging Face's {@code config.json} holds
 * them.
 *
 * @param modelType           {@code t5} or {@code mt5}
 * @param vocabSize           rows of the word embeddings
 * @param hiddenSize          width d of the hidden states
 * @param headSize            width of one attention head, which need not divide d
 * @param heads               attention heads per block
 * @param ffn                 width of the feed-forward layer
 * @param encoderLayers       transformer blocks of the encoder
 * @param decoderLayers       transformer blocks of the decoder
 * @param buckets             rows of the tables of relative positions, even and at least 4
 * @param maxDistance         distance from which all positions share a bucket
 * @param rmsNormEps          epsilon of every RMSNorm
 * @param feedForward         activation by Hugging Face's name, with {@code gated-} before it where a second projection is gated
 * @param ownHead             whether the head has a matrix of its own (1.1, mT5) instead of the word embeddings
 * @param scaleDecoderOutputs whether the head reads hidden states times d^-0.5 (1.0)
 * @param padTokenId          id of the padding token
 * @param eosTokenId          id of the token that ends a text
 * @param decoderStartTokenId id that the decoder reads first
 * @param dropout             probability on embeddings, block outputs and feed-forward activations, in [0, 1); not applied to attention
 *                            weights
 */
public record T5Config(String modelType, int vocabSize, int hiddenSize, int headSize, int heads, int ffn, int encoderLayers, int decoderLayers,
        int buckets, int maxDistance, double rmsNormEps, String feedForward, boolean ownHead, boolean scaleDecoderOutputs, int padTokenId,
        int eosTokenId, int decoderStartTokenId, double dropout) implements Seq2SeqConfig {

    private static final String GATED = "gated-";

    /** @throws IllegalArgumentException naming the field of {@code config.json} that is wrong, found and expected */
    public T5Config {
        check(Set.of("t5", "mt5").contains(modelType), "model_type", modelType, "t5 or mt5");
        size("vocab_size", vocabSize, MOST_ROWS);
        size("d_model", hiddenSize, MOST_WIDTH);
        size("d_kv", headSize, MOST_WIDTH);
        size("num_heads", heads, MOST_WIDTH / headSize);
        size("d_ff", ffn, MOST_WIDTH);
        size("num_layers", encoderLayers, MOST_LAYERS);
        size("num_decoder_layers", decoderLayers, MOST_LAYERS);
        check(buckets >= 4 && buckets % 2 == 0 && buckets <= MOST_ROWS, "relative_attention_num_buckets", buckets, "an even number, at least 4");
        check(maxDistance > buckets / 2, "relative_attention_max_distance", maxDistance, "more than half of relative_attention_num_buckets");
        epsilon("layer_norm_epsilon", rmsNormEps);
        check(ActivationNames.known(activationName(feedForward)), "feed_forward_proj", feedForward,
                "relu, gated-gelu or another activation, with gated- before it or not");
        tokenId("pad_token_id", padTokenId, vocabSize);
        tokenId("eos_token_id", eosTokenId, vocabSize);
        tokenId("decoder_start_token_id", decoderStartTokenId, vocabSize);
        probability("dropout_rate", dropout);
    }

    // gated-gelu has always meant the tanh form (transformers' rule).
    private static String activationName(String feedForward) {
        if (feedForward.equals("gated-gelu")) {
            return "gelu_new";
        }
        return feedForward.startsWith(GATED) ? feedForward.substring(GATED.length()) : feedForward;
    }

    /** The activation of the feed-forward layer, or of its gate. */
    public Activation activationFunction() {
        return ActivationNames.of(activationName(feedForward));
    }

    /** Whether the feed-forward layer is gated (Shazeer 2020). */
    public boolean gated() {
        return feedForward.startsWith(GATED);
    }

    /** Columns of queries, keys and values. */
    public int innerSize() {
        return heads * headSize;
    }

    /** The same model with a head of its own, or with the word embeddings as its head. */
    T5Config withOwnHead(boolean own) {
        return new T5Config(modelType, vocabSize, hiddenSize, headSize, heads, ffn, encoderLayers, decoderLayers, buckets, maxDistance, rmsNormEps,
                feedForward, own, scaleDecoderOutputs, padTokenId, eosTokenId, decoderStartTokenId, dropout);
    }

    @Override
    public int maxPositions() {
        return Integer.MAX_VALUE;
    }

    @Override
    public String toJson() {
        return T5ConfigJson.write(this);
    }

    @Override
    public Map<String, long[]> weightShapes() {
        return T5Weights.shapes(this);
    }

    @Override
    public String prefix() {
        return "";
    }
}
