package org.primer4j.model;

import static org.primer4j.graph.Ops.attention;
import static org.primer4j.graph.Ops.cachedAttention;

import java.util.function.IntFunction;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.Prefix;

/** What a decoder layer attends to: whole texts, or one token at a time with a cache. The rest of a layer is the same for both. */
sealed interface DecoderAttention {

    /** Self-attention of a layer; {@code kind} is causal. */
    Value self(int layer, Attention kind, Value q, KeyValue own, Value bias, Prefix prefix);

    /** Attention of a layer to the encoder's output. */
    Value cross(int layer, Attention kind, Value q, Prefix prefix);

    /**
     * All tokens of the texts at once, as in training.
     *
     * @param encoded a layer's keys and values of the encoder's output
     */
    record WholeTexts(TextInputs source, TextInputs target, IntFunction<KeyValue> encoded) implements DecoderAttention {

        @Override
        public Value self(int layer, Attention kind, Value q, KeyValue own, Value bias, Prefix prefix) {
            return attention(kind, q, own.keys(), own.values(), target.offsets(), target.offsets(), bias, prefix);
        }

        @Override
        public Value cross(int layer, Attention kind, Value q, Prefix prefix) {
            KeyValue kv = encoded.apply(layer);
            return attention(kind, q, kv.keys(), kv.values(), target.offsets(), source.offsets(), null, prefix);
        }
    }

    /** One new token a row; what came before lies in states. */
    record OneToken(StepInputs in) implements DecoderAttention {

        @Override
        public Value self(int layer, Attention kind, Value q, KeyValue own, Value bias, Prefix prefix) {
            KeyValue cache = in.cache(q.graph(), layer, q.cols());
            return cachedAttention(kind, q, own.keys(), own.values(), cache.keys(), cache.values(), in.slot(), in.pastRows(), in.pastOffsets(),
                bias, prefix);
        }

        @Override
        public Value cross(int layer, Attention kind, Value q, Prefix prefix) {
            KeyValue kv = in.cross(q.graph(), layer, q.cols());
            return attention(kind, q, kv.keys(), kv.values(), in.rowOffsets(), in.sourceOffsets(), null, prefix);
        }
    }
}
