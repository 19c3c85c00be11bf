package org.primer4j.objective;

import java.util.List;

/**
 * A row of a task, ready for a batch.
 *
 * @param text the input's sequence, or null where each candidate's sequence holds the input as well
 * @param candidates one sequence for each candidate output
 * @param gold place of the right candidate
 * @param outputs the candidates' texts
 */
public record EncodedExample(Sequence text, Sequence[] candidates, int gold, List<String> outputs) {

    /** Tokens when nothing is shared with other examples. */
    public int tokens() {
        int tokens = text == null ? 0 : text.length();
        for (Sequence candidate : candidates) {
            tokens += candidate.length();
        }
        return tokens;
    }
}
