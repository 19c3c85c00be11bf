package org.primer4j.model;

import java.util.List;
import org.primer4j.graph.Value;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.T5Config;

/** A Transformer that reads a text with an encoder and writes one with a decoder (Vaswani et al. 2017). */
public sealed interface Seq2Seq permits Bart, T5 {

    /** The model of a configuration. */
    static Seq2Seq of(Seq2SeqConfig config) {
        return config instanceof BartConfig bart ? new Bart(bart) : new T5((T5Config) config);
    }

    Seq2SeqConfig config();

    /** Columns of the decoder's keys and values. */
    int keySize();

    /** Hidden states {@code [source tokens, d]}: of the embeddings, then of each encoder layer, the last as the decoder reads it. */
    List<Value> encoderStates(Layers l, TextInputs source);

    /** Hidden states {@code [target tokens, d]}: of the embeddings, then of each decoder layer, the last as the head reads it. */
    List<Value> decoderStates(Layers l, Value encoded, TextInputs source, TextInputs target);

    /** The encoder's output {@code [source tokens, d]}. */
    default Value encode(Layers l, TextInputs source) {
        return encoderStates(l, source).get(config().encoderLayers());
    }

    /** The decoder's output {@code [target tokens, d]}. */
    default Value decode(Layers l, Value encoded, TextInputs source, TextInputs target) {
        return decoderStates(l, encoded, source, target).get(config().decoderLayers());
    }

    /** Keys and values of the encoder's output for each decoder layer, {@code [source tokens, keySize]}. */
    List<KeyValue> crossKeysValues(Layers l, Value encoded);

    /**
     * One step of generation: the decoder's output {@code [rows, d]}. Each decoder layer reads its {@link StepInputs#crossName} and
     * {@link StepInputs#cacheName} states, and writes to the latter.
     */
    Value step(Layers l, StepInputs in);

    /** The language-model head. */
    LmHead head(Layers l);
}
