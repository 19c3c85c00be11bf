package org.primer4j.model;

import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/**
 * A language-model head: {@code logits = hiddenScale h W^T + b}.
 *
 * @param weight {@code [vocabulary, d]}
 * @param bias {@code [1, vocabulary]}, or null
 * @param hiddenScale factor on the hidden states
 */
public record LmHead(Value weight, Value bias, double hiddenScale) {

    /** The hidden states as the head's matrix reads them. */
    public Value scaled(Value hidden) {
        return hiddenScale == 1 ? hidden : Ops.scale(hidden, hiddenScale);
    }

    /** Logits {@code [tokens, vocabulary]}, all in memory at once. */
    public Value logits(Value hidden) {
        return Ops.linear(scaled(hidden), weight, bias);
    }
}
