package org.primer4j.objective;

/**
 * Room in a scoring graph's axes, all lanes together.
 *
 * @param tokens of all sequences
 * @param sequences inputs and candidates
 * @param examples rows
 * @param pairs candidates of all rows
 */
public record Capacity(int tokens, int sequences, int examples, int pairs) {

    /** @throws IllegalArgumentException when there is no room for one of each */
    public Capacity {
        if (tokens < 1 || sequences < 1 || examples < 1 || pairs < 1) {
            throw new IllegalArgumentException("a capacity needs room for at least one of each, not " + tokens + " tokens, " + sequences
                + " sequences, " + examples + " examples, " + pairs + " pairs");
        }
    }

    /**
     * A share of it; room for one of each at least.
     *
     * @throws IllegalArgumentException when the share is not in (0, 1]
     */
    public Capacity share(double share) {
        return new Capacity(part(tokens, share), part(sequences, share), part(examples, share), part(pairs, share));
    }

    /** A share in (0, 1] of a room, 1 at least. */
    public static int part(int room, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is above 0 and at most 1, not " + share);
        }
        return Math.max(1, (int) (room * share));
    }

    /** Room for so many tokens, and for as many sequences, examples and pairs as they may hold in practice. */
    public static Capacity ofTokens(int tokens) {
        return new Capacity(tokens, Math.max(16, tokens / 2), Math.max(16, tokens / 4), tokens);
    }
}
