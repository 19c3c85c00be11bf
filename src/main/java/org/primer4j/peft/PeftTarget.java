package org.primer4j.peft;

import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.T5Config;

/**
 * What the peft library wants to know of the model that an adapter is written for.
 *
 * @param prefix of the model's class in the names of its tensors, such as {@code model.} of BartForConditionalGeneration; empty for a bare model
 * @param decoder whether the model has a decoder beside its encoder
 * @param layers of its encoder
 * @param heads of the attention that a prefix goes to: the decoder's, if it has one
 * @param width d of its hidden states
 */
public record PeftTarget(String prefix, boolean decoder, int layers, int heads, int width) {

    /** A model as this project writes it: BERT and RoBERTa bare, BART and T5 with their language-model head. */
    public static PeftTarget of(ModelConfig config) {
        if (config instanceof EncoderConfig encoder) {
            return ofEncoder(encoder, "");
        }
        Seq2SeqConfig seq2seq = config.asSeq2Seq();
        int heads = seq2seq instanceof BartConfig bart ? bart.decoder().heads() : ((T5Config) seq2seq).heads();
        return new PeftTarget(config.prefix(), true, seq2seq.encoderLayers(), heads, config.hiddenSize());
    }

    /** A BERT or RoBERTa of a class with a head, whose tensors' names start with a prefix such as {@code bert.}. */
    public static PeftTarget ofEncoder(EncoderConfig config, String prefix) {
        return new PeftTarget(prefix, false, config.layers(), config.heads(), config.hiddenSize());
    }

    /** The library's name for what the model is used for. */
    String taskType() {
        return decoder ? "SEQ_2_SEQ_LM" : "FEATURE_EXTRACTION";
    }

    /** Stacks of the model, as the library counts them. */
    int submodules() {
        return decoder ? 2 : 1;
    }
}
