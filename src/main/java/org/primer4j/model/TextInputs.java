package org.primer4j.model;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Value;
import org.primer4j.model.io.EncoderConfig;

/**
 * A packed batch of token sequences as a graph's inputs.
 *
 * @param tokens axis of all sequences' tokens, one after another
 * @param sequences axis of the sequences
 * @param ids token ids
 * @param positions position ids
 * @param types token type ids
 * @param offsets first token of each sequence
 */
public record TextInputs(Axis tokens, Axis sequences, Value ids, Value positions, Value types, Value offsets) {

    /** Names of the axes and inputs. */
    public static final String TOKENS = "tokens";
    public static final String SEQUENCES = "sequences";
    public static final String IDS = "ids";
    public static final String POSITIONS = "positions";
    public static final String TYPES = "types";
    public static final String OFFSETS = "offsets";

    /** Declares the inputs, with room for so many tokens and sequences, all lanes together. */
    public static TextInputs declare(Graph graph, EncoderConfig config, int mostTokens, int mostSequences) {
        Axis tokens = graph.axis(TOKENS, mostTokens);
        Axis sequences = graph.axis(SEQUENCES, mostSequences);
        int longest = Math.min(mostTokens, config.maxPositions() - firstPosition(config));
        return new TextInputs(tokens, sequences,
            graph.indices(IDS, tokens, new IndexLimits.Below(config.vocabSize())),
            graph.indices(POSITIONS, tokens, new IndexLimits.Below(config.maxPositions())),
            graph.indices(TYPES, tokens, new IndexLimits.Below(config.typeVocabSize())),
            graph.offsets(OFFSETS, sequences, tokens, longest));
    }

    /** Position of a sequence's first token: RoBERTa counts from the padding id on. */
    public static int firstPosition(EncoderConfig config) {
        return config.modelType().equals("roberta") ? config.padTokenId() + 1 : 0;
    }
}
