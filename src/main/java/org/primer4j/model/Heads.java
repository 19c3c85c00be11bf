package org.primer4j.model;

import static org.primer4j.graph.Ops.layerNorm;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.linearGelu;
import static org.primer4j.graph.Ops.tanh;

import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.GatherRows;
import org.primer4j.model.io.EncoderConfig;

/**
 * What the BERT family puts on its encoder, with the names of Hugging Face's checkpoints. An adaptation says which of a
 * head's tensors are trained, but adds nothing to a head's layers.
 */
public record Heads(EncoderConfig config) {

    /** The input with the first token's row of each sequence. */
    public static final String FIRST_TOKENS = "first_tokens";

    /**
     * Masked-language-model logits {@code [tokens, vocabulary]} (Devlin et al. 2019, section 3.1): dense, GELU, LayerNorm, then the
     * word embeddings as the decoder and a bias.
     */
    public Value maskedLm(Layers l, Value hidden) {
        boolean roberta = config.modelType().equals("roberta");
        String head = roberta ? "lm_head" : "cls.predictions";
        String dense = roberta ? "lm_head.dense" : "cls.predictions.transform.dense";
        String norm = roberta ? "lm_head.layer_norm" : "cls.predictions.transform.LayerNorm";
        int d = config.hiddenSize();
        Value h = linearGelu(hidden, l.weight(dense, d, d), l.bias(dense, d));
        Value n = layerNorm(h, l.tensor(norm + ".weight", 1, d), l.tensor(norm + ".bias", 1, d), config.layerNormEps());
        return linear(n, l.weight("embeddings.word_embeddings", config.vocabSize(), d), l.bias(head, config.vocabSize()));
    }

    /** RoBERTa's classification logits {@code [sequences, classes]}: first token, dense, tanh, projection. */
    public Value classifier(Layers l, Value hidden, TextInputs in, int classes) {
        int d = config.hiddenSize();
        Value first = l.dropout("classifier.dense", firstTokens(l, hidden, in));
        Value h = tanh(linear(first, l.weight("classifier.dense", d, d), l.bias("classifier.dense", d)));
        String out = "classifier.out_proj";
        return linear(l.dropout(out, h), l.weight(out, classes, d), l.bias(out, classes));
    }

    /** BERT's pooled output {@code [sequences, d]}: tanh of a dense layer on the first token. */
    public Value pooled(Layers l, Value hidden, TextInputs in) {
        int d = config.hiddenSize();
        return tanh(linear(firstTokens(l, hidden, in), l.weight("pooler.dense", d, d), l.bias("pooler.dense", d)));
    }

    /** Hidden states of each sequence's first token {@code [sequences, d]}; the batch has the input {@link #FIRST_TOKENS}. */
    public Value firstTokens(Layers l, Value hidden, TextInputs in) {
        return GatherRows.of(hidden, l.graph().indices(FIRST_TOKENS, in.sequences(), new IndexLimits.RowOf(in.tokens())));
    }
}
