package org.primer4j.training;

import org.primer4j.BadInputException;
import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.model.io.GenerationDefaults;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;

/**
 * How answers of tasks are searched for: as the model's folder says, but for the number of beams, the longest answer and early
 * stopping, which is off, as in CrossFit (Ye et al. 2021; its code, run_singletask.py).
 */
final class AnswerSearch {

    private AnswerSearch() {}

    /**
     * @param longest most tokens of an answer, the start token not counted
     * @throws BadInputException when the folder asks for something that generation here does not have
     */
    static GenerationSettings settings(PretrainedModel model, int beams, int longest) {
        Seq2SeqConfig config = model.config().asSeq2Seq();
        GenerationDefaults given = model.generation();
        if (given == null) {
            return GenerationSettings.greedy(config.eosTokenId(), config.padTokenId(), config.decoderStartTokenId()).withBeams(beams)
                .withLengths(0, 1 + longest);
        }
        if (!given.unsupported().isEmpty()) {
            throw new BadInputException("The model's generation_config.json asks for " + String.join(", ", given.unsupported())
                + ", which is not supported; remove it there.");
        }
        return new GenerationSettings(beams, 1 + longest, Math.min(or(given.minLength(), 0), 1 + longest),
            given.lengthPenalty() == null ? 1 : given.lengthPenalty(), EarlyStopping.FALSE, or(given.noRepeatNgram(), 0),
            or(given.forcedBos(), GenerationSettings.NONE), or(given.forcedEos(), GenerationSettings.NONE), or(given.eos(), config.eosTokenId()),
            or(given.pad(), config.padTokenId()), or(given.decoderStart(), config.decoderStartTokenId()));
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
