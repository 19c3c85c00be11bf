package org.primer4j.model;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Value;
import org.primer4j.model.io.Seq2SeqConfig;

/**
 * The inputs of one step of generation: one new token for each row (a beam), whose keys and values go to a cache. Rows of one source
 * follow one another.
 *
 * @param rows axis of the rows
 * @param cache axis of the cache's rows, one for each token that is kept
 * @param past axis of the rows' lists of cache rows, one after another
 * @param sequences axis of the sources
 * @param sourceTokens axis of the sources' tokens
 * @param ids each row's token
 * @param positions its position id; null for a model of relative positions
 * @param slot the cache row that its keys and values go to
 * @param pastRows the cache rows that each row attends to, its own last
 * @param pastOffsets first of each row's entries in {@code pastRows}
 * @param rowOffsets first row of each source; one that is done has no rows
 * @param sourceOffsets first token of each source
 */
public record StepInputs(Axis rows, Axis cache, Axis past, Axis sequences, Axis sourceTokens, Value ids, Value positions, Value slot,
        Value pastRows, Value pastOffsets, Value rowOffsets, Value sourceOffsets) {

    /** Names of the axes and inputs. */
    public static final String ROWS = "rows";
    public static final String CACHE = "cache";
    public static final String PAST = "past";
    public static final String SEQUENCES = "step_sequences";
    public static final String SOURCE_TOKENS = "step_source_tokens";
    public static final String IDS = "step_ids";
    public static final String POSITIONS = "step_positions";
    public static final String SLOT = "slot";
    public static final String PAST_ROWS = "past_rows";
    public static final String PAST_OFFSETS = "past_offsets";
    public static final String ROW_OFFSETS = "row_offsets";
    public static final String SOURCE_OFFSETS = "step_source_offsets";

    /**
     * Room of a step.
     *
     * @param rows most rows of a step
     * @param cacheRows rows of the cache
     * @param past most entries of all rows' lists together, a list at most its share
     * @param sequences most sources
     * @param sourceTokens most tokens of all sources together
     */
    public record Room(int rows, int cacheRows, int past, int sequences, int sourceTokens) {}

    /** Declares the inputs. */
    public static StepInputs declare(Graph g, Seq2SeqConfig config, Room room) {
        Axis rows = g.axis(ROWS, room.rows());
        Axis cache = g.axis(CACHE, room.cacheRows());
        Axis past = g.axis(PAST, room.past());
        Axis sequences = g.axis(SEQUENCES, room.sequences());
        Axis sourceTokens = g.axis(SOURCE_TOKENS, room.sourceTokens());
        return new StepInputs(rows, cache, past, sequences, sourceTokens,
            g.indices(IDS, rows, new IndexLimits.Below(config.vocabSize())), TextInputs.positions(g, POSITIONS, config, rows),
            g.indices(SLOT, rows, new IndexLimits.RowOf(cache)), g.indices(PAST_ROWS, past, new IndexLimits.RowOf(cache)),
            g.offsets(PAST_OFFSETS, rows, past, room.past() / room.rows()), g.raggedOffsets(ROW_OFFSETS, sequences, rows, room.rows()),
            g.offsets(SOURCE_OFFSETS, sequences, sourceTokens, room.sourceTokens()));
    }

    /** Name of the state with a decoder layer's own cached keys or values. */
    public static String cacheName(int layer, boolean keys) {
        return "cache." + layer + (keys ? ".keys" : ".values");
    }

    /** Name of the state with a decoder layer's keys or values of the encoder's output. */
    public static String crossName(int layer, boolean keys) {
        return "cross." + layer + (keys ? ".keys" : ".values");
    }

    /** A layer's cache {@code [cache, d]}, a state that the caller allocates. */
    KeyValue cache(Graph g, int layer, int d) {
        return new KeyValue(g.state(cacheName(layer, true), cache, d), g.state(cacheName(layer, false), cache, d));
    }

    /** A layer's keys and values of the sources {@code [source tokens, d]}, a state that an encode program fills. */
    KeyValue cross(Graph g, int layer, int d) {
        return new KeyValue(g.state(crossName(layer, true), sourceTokens, d), g.state(crossName(layer, false), sourceTokens, d));
    }
}
