package org.primer4j.generation;

import org.primer4j.graph.ops.HeadTopK;

/**
 * How sequences are searched for; names and meaning are those of transformers' {@code GenerationConfig}. Lengths count the
 * decoder's start token.
 *
 * @param beams hypotheses kept for each source ({@code num_beams}); 1 is greedy search
 * @param maxLength most tokens of a sequence ({@code max_length})
 * @param minLength no end before so many tokens ({@code min_length})
 * @param lengthPenalty exponent p of a finished hypothesis's score, sum of log-probabilities / generated tokens^p
 * @param earlyStopping when a source is left
 * @param noRepeatNgram no n-gram of this size occurs twice in a sequence; 0 allows all ({@code no_repeat_ngram_size})
 * @param forcedBos the token after the start token, or {@link #NONE} ({@code forced_bos_token_id})
 * @param forcedEos the token at the last place, or {@link #NONE} ({@code forced_eos_token_id})
 * @param eos the token that ends a sequence
 * @param pad the token that fills up rows of shorter sequences
 * @param decoderStart the decoder's first token
 */
public record GenerationSettings(int beams, int maxLength, int minLength, double lengthPenalty, EarlyStopping earlyStopping,
                                 int noRepeatNgram, int forcedBos, int forcedEos, int eos, int pad, int decoderStart) {

    /** No token. */
    public static final int NONE = -1;
    /** transformers' default: 20 new tokens behind the start token. */
    public static final int DEFAULT_MAX_LENGTH = 21;
    /** A step looks at twice as many continuations as there are beams. */
    public static final int MOST_BEAMS = HeadTopK.MOST / 2;

    /** @throws IllegalArgumentException naming the setting, what was found and what was expected */
    public GenerationSettings {
        check(beams >= 1 && beams <= MOST_BEAMS, "num_beams", beams, "1 to " + MOST_BEAMS);
        check(maxLength >= 2, "max_length", maxLength, "at least 2: the start token and one more");
        check(minLength >= 0 && minLength <= maxLength, "min_length", minLength, "0 to max_length, which is " + maxLength);
        check(Double.isFinite(lengthPenalty), "length_penalty", lengthPenalty, "a finite number");
        check(noRepeatNgram >= 0, "no_repeat_ngram_size", noRepeatNgram, "0 or more");
        check(forcedBos >= NONE, "forced_bos_token_id", forcedBos, "a token id");
        check(forcedEos >= NONE, "forced_eos_token_id", forcedEos, "a token id");
        check(eos >= 0, "eos_token_id", eos, "a token id");
        check(pad >= 0, "pad_token_id", pad, "a token id");
        check(decoderStart >= 0, "decoder_start_token_id", decoderStart, "a token id");
    }

    private static void check(boolean right, String name, Object found, String expected) {
        if (!right) {
            throw new IllegalArgumentException("found " + name + " " + found + "; expected " + expected);
        }
    }

    /** Greedy search to transformers' default length. */
    public static GenerationSettings greedy(int eos, int pad, int decoderStart) {
        return new GenerationSettings(1, DEFAULT_MAX_LENGTH, 0, 1, EarlyStopping.FALSE, 0, NONE, NONE, eos, pad, decoderStart);
    }

    /** The same with other beams. */
    public GenerationSettings withBeams(int other) {
        return new GenerationSettings(other, maxLength, minLength, lengthPenalty, earlyStopping, noRepeatNgram, forcedBos, forcedEos, eos, pad,
            decoderStart);
    }

    /** The same with other lengths. */
    public GenerationSettings withLengths(int least, int most) {
        return new GenerationSettings(beams, most, least, lengthPenalty, earlyStopping, noRepeatNgram, forcedBos, forcedEos, eos, pad,
            decoderStart);
    }

    /** The same with other choices of beam search. */
    public GenerationSettings withChoices(double penalty, EarlyStopping stopping, int ngram) {
        return new GenerationSettings(beams, maxLength, minLength, penalty, stopping, ngram, forcedBos, forcedEos, eos, pad, decoderStart);
    }

    /**
     * Refuses token ids that a vocabulary does not have.
     *
     * @throws IllegalArgumentException naming the setting
     */
    public void requireVocabulary(int size) {
        check(forcedBos < size, "forced_bos_token_id", forcedBos, "an id below the vocabulary's size " + size);
        check(forcedEos < size, "forced_eos_token_id", forcedEos, "an id below the vocabulary's size " + size);
        check(eos < size, "eos_token_id", eos, "an id below the vocabulary's size " + size);
        check(decoderStart < size, "decoder_start_token_id", decoderStart, "an id below the vocabulary's size " + size);
    }

    /** Whether the single best token is taken, and bans act before the softmax. */
    public boolean isGreedy() {
        return beams == 1;
    }

    /** Continuations looked at in each step: so many that enough go on though as many as there are beams end. */
    int candidates() {
        return isGreedy() ? 1 : 2 * beams;
    }

    /** The token that must follow {@code length} tokens, or {@link #NONE}; the end prevails. */
    int forced(int length) {
        if (forcedEos != NONE && length == maxLength - 1) {
            return forcedEos;
        }
        return length == 1 ? forcedBos : NONE;
    }

    /** Whether a sequence of {@code length} tokens is complete with {@code last} as its last one. */
    boolean ends(int last, int length) {
        return last == eos || length >= maxLength;
    }

    /** A sum of log-probabilities as the score of {@code length} tokens, the start token included. */
    double score(double sum, int length) {
        return sum / Math.pow(length - 1, lengthPenalty);
    }
}
