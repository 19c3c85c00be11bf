package org.primer4j.generation;

import java.util.Arrays;

/**
 * A generated sequence.
 *
 * @param tokens ids from the start token on, the end token included where it ended with one
 * @param score of beam search: sum of log-probabilities / generated tokens^length_penalty; greedy: the sum
 */
public record Hypothesis(int[] tokens, double score) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Hypothesis that && Arrays.equals(tokens, that.tokens) && Double.compare(score, that.score) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + Double.hashCode(score);
    }

    @Override
    public String toString() {
        return Arrays.toString(tokens) + " " + score;
    }
}
