package org.primer4j.generation;

/** A decoder that remembers what it was fed: one step feeds each row one more token. */
@FunctionalInterface
public interface DecodingStep {

    /**
     * Feeds each row its token, behind the tokens that its parent row of the last step was fed, and ranks what may follow.
     *
     * @param rows the rows of this step, those of a source together, sources ascending
     * @param top receives for each row the {@link StepRows#candidates} best next tokens, best first and of equals the lower id
     *            first, with their log-probabilities; left as it is when no candidates are asked for
     */
    void run(StepRows rows, TopTokens top);
}
