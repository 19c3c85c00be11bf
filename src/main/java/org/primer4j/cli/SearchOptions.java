package org.primer4j.cli;

import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationSettings;
import picocli.CommandLine.Option;

/** How texts are searched for, by Hugging Face's names; what is not given is as the model's own files say. */
final class SearchOptions {

    @Option(names = "--num-beams", paramLabel = "N", description = "Beams, at most " + GenerationSettings.MOST_BEAMS + "; 1 is greedy search.")
    private Integer beams;

    @Option(names = "--num-return-sequences", paramLabel = "N", defaultValue = "1",
        description = "Outputs for each input, best first, at most as many as beams (default: ${DEFAULT-VALUE}).")
    private int returned;

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most tokens of an output.")
    private Integer maxNewTokens;

    @Option(names = "--max-length", paramLabel = "N", description = "The same, the start token included.")
    private Integer maxLength;

    @Option(names = "--min-length", paramLabel = "N", description = "Fewest tokens, the start token included.")
    private Integer minLength;

    @Option(names = "--length-penalty", paramLabel = "X", description = "Scores are divided by length^X: above 0 favours long outputs.")
    private Double lengthPenalty;

    @Option(names = "--early-stopping", paramLabel = "false|true|never", description = "When an input with enough outputs is left.")
    private String earlyStopping;

    @Option(names = "--no-repeat-ngram-size", paramLabel = "N", description = "No N tokens occur twice in an output; 0 allows all.")
    private Integer noRepeatNgram;

    @Option(names = "--forced-bos-token-id", paramLabel = "ID", description = "The first token after the start token; -1 for none.")
    private Integer forcedBos;

    @Option(names = "--forced-eos-token-id", paramLabel = "ID", description = "The token at the last place; -1 for none.")
    private Integer forcedEos;

    /**
     * The settings with what was given.
     *
     * @throws org.primer4j.BadInputException naming an option that is out of range
     */
    GenerationSettings apply(GenerationSettings base) {
        Valid.require(maxLength == null || maxNewTokens == null, "--max-length", maxLength, "either it or --max-new-tokens");
        int longest = maxNewTokens != null ? Valid.of(() -> Math.addExact(1, maxNewTokens)) : or(maxLength, base.maxLength());
        GenerationSettings settings = Valid.of(() -> new GenerationSettings(or(beams, base.beams()), longest, or(minLength, base.minLength()),
            lengthPenalty == null ? base.lengthPenalty() : lengthPenalty,
            earlyStopping == null ? base.earlyStopping() : EarlyStopping.of(earlyStopping), or(noRepeatNgram, base.noRepeatNgram()),
            or(forcedBos, base.forcedBos()), or(forcedEos, base.forcedEos()), base.eos(), base.pad(), base.decoderStart()));
        Valid.require(returned >= 1 && returned <= settings.beams(), "--num-return-sequences", returned, "1 to the number of beams, which is "
            + settings.beams());
        return settings;
    }

    int returned() {
        return returned;
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
