package org.primer4j.objective;

import java.util.List;

/**
 * A row of a task, ready for a batch.
 *
 * @param text the input's sequence, or null where each candidate's sequence holds the input as well
 * @param candidates one sequence for each candidate output
 * @param gold place of the right candidate, or {@link #UNKNOWN}
 * @param outputs the candidates' texts
 */
public record EncodedExample(Sequence text, Sequence[] candidates, int gold, List<String> outputs) implements TaskRow {

    /** The place of an answer that is not known. */
    public static final int UNKNOWN = -1;

    /** @throws IllegalArgumentException when the right candidate is none of them */
    public EncodedExample {
        if (gold < UNKNOWN || gold >= candidates.length) {
            throw new IllegalArgumentException("the right candidate of " + candidates.length + " cannot be number " + gold);
        }
    }

    @Override
    public List<String> references() {
        if (gold == UNKNOWN) {
            throw new IllegalStateException("the answer of this row is not known");
        }
        return List.of(outputs.get(gold));
    }

    @Override
    public int tokens() {
        int tokens = text == null ? 0 : text.length();
        for (Sequence candidate : candidates) {
            tokens += candidate.length();
        }
        return tokens;
    }
}
