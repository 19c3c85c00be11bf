package org.primer4j.objective.seq2seq;

import org.primer4j.objective.Capacity;

/**
 * Room for one part of a batch.
 *
 * @param sourceTokens of all inputs, virtual tokens included
 * @param targetTokens of all outputs
 * @param rows inputs, and as many outputs
 */
public record Seq2SeqCapacity(int sourceTokens, int targetTokens, int rows) {

    /** Outputs are shorter than inputs: a label, an answer. */
    private static final int TARGET_SHARE = 4;
    private static final int TOKENS_PER_ROW = 8;

    /** @throws IllegalArgumentException when there is no room for one of each */
    public Seq2SeqCapacity {
        if (sourceTokens < 1 || targetTokens < 1 || rows < 1) {
            throw new IllegalArgumentException("a capacity needs room for at least one of each, not " + sourceTokens + " source tokens, " + targetTokens
                + " target tokens, " + rows + " rows");
        }
    }

    /** Room for so many tokens of inputs, and for as many outputs as come with them in practice. */
    public static Seq2SeqCapacity ofTokens(int tokens) {
        return new Seq2SeqCapacity(tokens, Math.max(16, tokens / TARGET_SHARE), Math.max(16, tokens / TOKENS_PER_ROW));
    }

    /**
     * A share of it; room for one of each at least.
     *
     * @throws IllegalArgumentException when the share is not in (0, 1]
     */
    public Seq2SeqCapacity share(double share) {
        return new Seq2SeqCapacity(Capacity.part(sourceTokens, share), Capacity.part(targetTokens, share), Capacity.part(rows, share));
    }

    /** The same or so much more that a row of this size fits. */
    public Seq2SeqCapacity atLeast(int sourceRow, int targetRow) {
        return new Seq2SeqCapacity(Math.max(sourceTokens, sourceRow), Math.max(targetTokens, targetRow), rows);
    }
}
