package org.primer4j.training;

import java.util.Map;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.RowSettings;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;

/** Makes learners of settings, and settings of JSON, whichever kind of model they are for. */
public final class Learners {

    private Learners() {}

    /**
     * The settings that {@link RowSettings#toMap} gave.
     *
     * @param place the file, for errors
     * @throws org.primer4j.BadInputException if a field is missing or wrong
     */
    public static RowSettings settings(Map<?, ?> map, Object place) {
        return Seq2SeqSettings.NAME.equals(map.get("objective")) ? Seq2SeqSettings.of(map, place) : ScoringSettings.of(map, place);
    }

    /**
     * The learner of some settings.
     *
     * @param maxTokens room for one part of a batch, in tokens of the inputs
     * @param beams of the search for answers that are written
     */
    public static Learner<?> of(RowSettings settings, int maxTokens, int beams) {
        return settings instanceof Seq2SeqSettings seq2seq
            ? new Seq2SeqLearner(seq2seq, Seq2SeqCapacity.ofTokens(maxTokens), beams, beams)
            : new ScoringLearner((ScoringSettings) settings, Capacity.ofTokens(maxTokens));
    }
}
