package org.primer4j.model;

import java.util.stream.IntStream;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Value;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.Seq2SeqConfig;

/**
 * A packed batch of token sequences as a graph's inputs.
 *
 * @param tokens axis of all sequences' tokens, one after another
 * @param sequences axis of the sequences
 * @param ids token ids; from the vocabulary's size on those of the adaptation's virtual tokens
 * @param positions position ids; null for a model of relative positions
 * @param types token type ids; null for a model without
 * @param offsets first token of each sequence
 * @param firstPosition position id of a sequence's first token
 * @param prompt ids of the virtual tokens that the batch puts before every sequence, of type 0
 */
public record TextInputs(Axis tokens, Axis sequences, Value ids, Value positions, Value types, Value offsets, int firstPosition,
        IdRange prompt) {

    /**
     * Token ids that follow one another.
     *
     * @param first the smallest
     * @param count how many
     */
    public record IdRange(int first, int count) {

        /** The ids. */
        public int[] ids() {
            return IntStream.range(first, first + count).toArray();
        }
    }

    /** Names of the axes and inputs of an encoder. */
    public static final String TOKENS = "tokens";
    public static final String SEQUENCES = "sequences";
    public static final String IDS = "ids";
    public static final String POSITIONS = "positions";
    public static final String TYPES = "types";
    public static final String OFFSETS = "offsets";

    /** What stands before these names for the texts that are read, and for those that are written; {@link #SEQUENCES} they share. */
    public static final String SOURCE = "source_";
    public static final String TARGET = "target_";

    /** Declares the inputs of a model without virtual tokens, with room for so many tokens and sequences, all lanes together. */
    public static TextInputs declare(Graph graph, EncoderConfig config, int mostTokens, int mostSequences) {
        return declare(graph, config, 0, mostTokens, mostSequences);
    }

    /** As above, with ids for so many virtual tokens above the vocabulary. */
    public static TextInputs declare(Graph graph, EncoderConfig config, int promptLength, int mostTokens, int mostSequences) {
        return declare(graph, config, new IdRange(config.vocabSize(), promptLength), firstPosition(config), mostTokens, mostSequences);
    }

    /** As above, with the virtual tokens and the first position that the adaptation asks for. */
    public static TextInputs declare(Layers l, EncoderConfig config, int mostTokens, int mostSequences) {
        return declare(l.graph(), config, new IdRange(config.vocabSize(), l.promptLength()), firstPosition(config) + l.positionShift("encoder"),
            mostTokens, mostSequences);
    }

    private static TextInputs declare(Graph graph, EncoderConfig config, IdRange prompt, int firstPosition, int mostTokens, int mostSequences) {
        Axis tokens = graph.axis(TOKENS, mostTokens);
        Axis sequences = graph.axis(SEQUENCES, mostSequences);
        int longest = Math.min(mostTokens, Math.max(1, config.maxPositions() - firstPosition));
        return new TextInputs(tokens, sequences,
            graph.indices(IDS, tokens, new IndexLimits.Below(config.vocabSize() + prompt.count())),
            graph.indices(POSITIONS, tokens, new IndexLimits.Below(config.maxPositions())),
            graph.indices(TYPES, tokens, new IndexLimits.Below(config.typeVocabSize())),
            graph.offsets(OFFSETS, sequences, tokens, longest), firstPosition, prompt);
    }

    /** Declares the texts that an encoder with a decoder reads: the adaptation's virtual tokens, if any, before each. */
    public static TextInputs source(Layers l, Seq2SeqConfig config, int mostTokens, int mostSequences) {
        return declare(l, SOURCE, config, l.promptLength(), mostTokens, l.graph().axis(SEQUENCES, mostSequences));
    }

    /** Declares the texts that it writes, one for each that it reads: ids are those that the decoder reads. */
    public static TextInputs target(Layers l, Seq2SeqConfig config, int mostTokens, TextInputs source) {
        return declare(l, TARGET, config, 0, mostTokens, source.sequences());
    }

    private static TextInputs declare(Layers l, String prefix, Seq2SeqConfig config, int promptLength, int mostTokens, Axis sequences) {
        Graph graph = l.graph();
        Axis tokens = graph.axis(prefix + TOKENS, mostTokens);
        return new TextInputs(tokens, sequences,
            graph.indices(prefix + IDS, tokens, new IndexLimits.Below(config.vocabSize() + promptLength)),
            positions(graph, prefix + POSITIONS, config, tokens), null,
            graph.offsets(prefix + OFFSETS, sequences, tokens, Math.min(mostTokens, config.maxPositions())),
            firstPosition(config) + l.positionShift(prefix.equals(SOURCE) ? "encoder" : "decoder"),
            new IdRange(config.vocabSize(), promptLength));
    }

    /** Position ids along an axis; null for a model of relative positions. */
    static Value positions(Graph graph, String name, Seq2SeqConfig config, Axis axis) {
        return config instanceof BartConfig bart
            ? graph.indices(name, axis, new IndexLimits.Below(bart.maxPositions() + BartConfig.POSITION_OFFSET)) : null;
    }

    /** Position id of a sequence's first token: RoBERTa counts from the padding id on, BART leaves two rows free. */
    public static int firstPosition(ModelConfig config) {
        return config instanceof BartConfig ? BartConfig.POSITION_OFFSET : config.modelType().equals("roberta") ? config.padTokenId() + 1 : 0;
    }
}
