package org.primer4j.generation;

import org.primer4j.BadInputException;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.GenerationDefaults;
import org.primer4j.model.io.Seq2SeqConfig;

/** How a model's own files say to generate, with transformers' defaults where they are silent. */
public final class DefaultSettings {

    private DefaultSettings() {}

    /**
     * The settings of a model.
     *
     * @param defaults of the model's folder; null where it says nothing, and the configuration's tokens are taken
     * @throws BadInputException when the folder asks for something that is not here, such as sampling
     */
    public static GenerationSettings of(Seq2SeqConfig config, GenerationDefaults defaults) {
        return defaults == null ? ofConfig(config) : ofFolder(config, defaults);
    }

    private static GenerationSettings ofConfig(Seq2SeqConfig config) {
        int bos = config instanceof BartConfig bart ? or(bart.forcedBosTokenId(), GenerationSettings.NONE) : GenerationSettings.NONE;
        int eos = config instanceof BartConfig bart ? or(bart.forcedEosTokenId(), GenerationSettings.NONE) : GenerationSettings.NONE;
        return new GenerationSettings(1, GenerationSettings.DEFAULT_MAX_LENGTH, 0, 1, EarlyStopping.FALSE, 0, bos, eos, config.eosTokenId(),
            config.padTokenId(), config.decoderStartTokenId());
    }

    private static GenerationSettings ofFolder(Seq2SeqConfig config, GenerationDefaults d) {
        if (!d.unsupported().isEmpty()) {
            throw new BadInputException("The model's generation_config.json asks for " + d.unsupported().get(0)
                + ", which is not here; take it out of the file.");
        }
        int maxLength = d.maxNewTokens() == null ? or(d.maxLength(), GenerationSettings.DEFAULT_MAX_LENGTH) : 1 + d.maxNewTokens();
        try {
            return new GenerationSettings(or(d.beams(), 1), maxLength, or(d.minLength(), 0), d.lengthPenalty() == null ? 1 : d.lengthPenalty(),
                d.earlyStopping() == null ? EarlyStopping.FALSE : EarlyStopping.of(d.earlyStopping()), or(d.noRepeatNgram(), 0),
                or(d.forcedBos(), GenerationSettings.NONE), or(d.forcedEos(), GenerationSettings.NONE), or(d.eos(), config.eosTokenId()),
                or(d.pad(), config.padTokenId()), or(d.decoderStart(), config.decoderStartTokenId()));
        } catch (IllegalArgumentException e) {
            throw new BadInputException("The model's defaults for generation cannot be used: " + e.getMessage() + ".", e);
        }
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
