package org.primer4j.model.io;

/** Sizes and constants of a model that reads a text with an encoder and writes one with a decoder. */
public sealed interface Seq2SeqConfig extends ModelConfig permits BartConfig, T5Config {

    /** Transformer blocks of the encoder. */
    int encoderLayers();

    /** Transformer blocks of the decoder. */
    int decoderLayers();

    /** Most tokens of a sequence; {@link Integer#MAX_VALUE} where positions are relative. */
    int maxPositions();

    /** Id that the decoder reads first. */
    int decoderStartTokenId();

    /** Id that ends a text. */
    int eosTokenId();

    /** Dropout probability on embeddings and block outputs, in [0, 1). */
    double dropout();

    @Override
    default Seq2SeqConfig asSeq2Seq() {
        return this;
    }
}
