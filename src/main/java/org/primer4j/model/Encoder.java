package org.primer4j.model;

import static org.primer4j.graph.Ops.attention;
import static org.primer4j.graph.Ops.embedding;
import static org.primer4j.graph.Ops.l2Normalize;
import static org.primer4j.graph.Ops.meanPool;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;
import org.primer4j.graph.ops.Attention;
import org.primer4j.model.io.EncoderConfig;

/** The BERT family's encoder (Devlin et al. 2019; Liu et al. 2019 for RoBERTa's positions), post-LayerNorm. */
public record Encoder(EncoderConfig config) {

    /** Hidden states {@code [tokens, d]}: of the embeddings, then of each layer. */
    public List<Value> hiddenStates(Layers l, TextInputs in) {
        List<Value> states = new ArrayList<>(List.of(embeddings(l, in)));
        for (int i = 0; i < config.layers(); i++) {
            states.add(layer(l, "encoder.layer." + i + ".", states.get(i), in));
        }
        return states;
    }

    /** The last hidden states {@code [tokens, d]}. */
    public Value hidden(Layers l, TextInputs in) {
        return hiddenStates(l, in).get(config.layers());
    }

    /** Sentence embeddings {@code [sequences, d]} of length 1: the mean over tokens (Reimers and Gurevych 2019). */
    public Value sentences(Layers l, TextInputs in) {
        return l2Normalize(meanPool(hidden(l, in), in.offsets()));
    }

    private Value embeddings(Layers l, TextInputs in) {
        int d = config.hiddenSize();
        Value words = l.tensor("embeddings.word_embeddings.weight", config.vocabSize(), d);
        Value positions = l.tensor("embeddings.position_embeddings.weight", config.maxPositions(), d);
        Value types = l.tensor("embeddings.token_type_embeddings.weight", config.typeVocabSize(), d);
        Value sum = embedding(words, 1, positions, types, l.prompt(in, d), in.ids(), in.positions(), in.types());
        return l.dropout("embeddings", l.addLayerNorm("embeddings.LayerNorm", sum, null, config.layerNormEps()));
    }

    private Value layer(Layers l, String at, Value x, TextInputs in) {
        int d = config.hiddenSize();
        Value q = l.linear(at + "attention.self.query", x, d);
        Value k = l.linear(at + "attention.self.key", x, d);
        Value v = l.linear(at + "attention.self.value", x, d);
        Value read = attention(Attention.full(config.heads(), d), q, k, v, in.offsets(), in.offsets(), null, l.prefix(at + "attention.self", d));
        Value mixed = l.linear(at + "attention.output.dense", read, d);
        Value h = l.addLayerNorm(at + "attention.output.LayerNorm", l.blockOutput(at + "attention.output.dense", x, mixed), x, config.layerNormEps());
        Value inner = l.linear(at + "intermediate.dense", h, config.intermediateSize(), Activation.GELU);
        Value outer = l.linear(at + "output.dense", inner, d);
        return l.addLayerNorm(at + "output.LayerNorm", l.blockOutput(at + "output.dense", h, outer), h, config.layerNormEps());
    }
}
