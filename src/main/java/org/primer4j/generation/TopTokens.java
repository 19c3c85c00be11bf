package org.primer4j.generation;

import org.primer4j.engine.NotFiniteException;

/** The best next tokens of each row, row after row: reused from step to step. */
public final class TopTokens {

    private final int candidates;
    private final float[] logProbs;
    private final int[] tokens;

    /** Room for so many rows with so many candidates each. */
    public TopTokens(int rows, int candidates) {
        this.candidates = candidates;
        this.logProbs = new float[Math.multiplyExact(rows, candidates)];
        this.tokens = new int[logProbs.length];
    }

    /** Candidates of a row. */
    public int candidates() {
        return candidates;
    }

    /** Log-probabilities, to be filled by a step. */
    public float[] logProbs() {
        return logProbs;
    }

    /** Token ids, to be filled by a step. */
    public int[] tokens() {
        return tokens;
    }

    /** @throws NotFiniteException when it is not a number: the model's weights or parameters are not usable */
    float logProb(int row, int rank) {
        float found = logProbs[row * candidates + rank];
        if (Float.isNaN(found)) {
            throw new NotFiniteException("the model's log-probabilities are not numbers; its weights or the adapter's hold NaN or infinity");
        }
        return found;
    }

    int token(int row, int rank) {
        return tokens[row * candidates + rank];
    }
}
