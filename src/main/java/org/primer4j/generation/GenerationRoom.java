package org.primer4j.generation;

/**
 * Room for one part of a batch; memory is planned for it.
 *
 * @param sources most sources at once
 * @param sourceTokens most tokens of all of them together, virtual tokens included
 */
public record GenerationRoom(int sources, int sourceTokens) {

    /** @throws IllegalArgumentException when there is no room for a source or a token */
    public GenerationRoom {
        if (sources < 1 || sourceTokens < 1) {
            throw new IllegalArgumentException("room for generation needs at least one source and one token, not " + sources + " and " + sourceTokens);
        }
    }
}
