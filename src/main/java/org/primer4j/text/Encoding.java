package org.primer4j.text;

/**
 * A text or a pair of texts as a model reads it, special tokens included.
 *
 * @param ids     token ids, [tokens]
 * @param typeIds segment of each token as the model's template gives it (BERT: 0 for the first text, 1 for the second), [tokens]
 */
public record Encoding(int[] ids, int[] typeIds) {

    public Encoding {
        if (ids.length != typeIds.length) {
            throw new IllegalArgumentException(ids.length + " ids but " + typeIds.length + " type ids");
        }
    }

    /** Number of tokens. */
    public int length() {
        return ids.length;
    }
}
