package org.primer4j.objective;

/**
 * A tokenised text.
 *
 * @param index its place in the {@link SequencePool} it comes from
 * @param ids token ids with special tokens
 * @param types token type ids, as many
 */
public record Sequence(int index, int[] ids, int[] types) {

    public int length() {
        return ids.length;
    }
}
