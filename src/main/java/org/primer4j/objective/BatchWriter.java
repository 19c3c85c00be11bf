package org.primer4j.objective;

import java.util.Arrays;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.Program;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;

/**
 * Writes rows into a program's inputs: lane by lane, row by row, as long as there is room. A sequence that several rows of
 * a lane share is written once. Writing allocates nothing once the tables have grown to the pool's size. Rows of a batch may come from several
 * pools.
 */
public final class BatchWriter implements PartWriter<EncodedExample> {

    private final Program program;
    private final ScoringGraph graph;
    private final InputBuffer ids;
    private final InputBuffer positions;
    private final InputBuffer types;
    private final InputBuffer offsets;
    private final InputBuffer left;
    private final InputBuffer right;
    private final InputBuffer candidates;
    private final InputBuffer label;
    private final InputBuffer weight;
    private final int[] counting;
    private final int[] prompt;
    private final int[] promptTypes;

    // What was written last under each index, and where; another pool has other sequences under the same indices.
    private Sequence[] written = new Sequence[1024];
    private int[] rowOf = new int[1024];
    private int[] laneStamp = new int[1024];
    private int stamp;
    private int tokens;
    private int sequences;
    private int pairs;
    private int examples;
    private int tokensBefore;
    private int sequencesBefore;
    private int pairsBefore;
    private int examplesBefore;

    /** @param graph what the program was compiled from */
    public BatchWriter(Program program, ScoringGraph graph, EncoderConfig config) {
        this.program = program;
        this.graph = graph;
        this.ids = program.input(TextInputs.IDS);
        this.positions = program.input(TextInputs.POSITIONS);
        this.types = program.input(TextInputs.TYPES);
        this.offsets = program.input(TextInputs.OFFSETS);
        this.left = graph.matching() ? program.input(ScoringGraph.LEFT) : null;
        this.right = graph.matching() ? program.input(ScoringGraph.RIGHT) : null;
        this.candidates = program.input(ScoringGraph.CANDIDATES);
        this.label = program.input(ScoringGraph.LABEL);
        this.weight = program.input(ScoringGraph.WEIGHT);
        int first = graph.text().firstPosition();
        this.counting = new int[Math.max(0, config.maxPositions() - first)];
        Arrays.setAll(counting, i -> first + i);
        this.prompt = graph.text().prompt().ids();
        this.promptTypes = new int[prompt.length];
    }

    @Override
    public BadInputException tooLong(EncodedExample row) {
        return new BadInputException("A row of " + row.tokens() + " tokens (its candidates included) is longer than the "
            + "room for one part of a batch; raise --max-tokens or lower --max-length.");
    }

    @Override
    public float rowWeight(List<EncodedExample> batch) {
        return 1f / batch.size();
    }

    @Override
    public void begin() {
        tokens = 0;
        sequences = 0;
        pairs = 0;
        examples = 0;
        beginLane();
    }

    private void beginLane() {
        stamp++;
        tokensBefore = tokens;
        sequencesBefore = sequences;
        pairsBefore = pairs;
        examplesBefore = examples;
    }

    @Override
    public boolean add(EncodedExample example, float exampleWeight) {
        grow(example);
        if (!fits(example)) {
            return false;
        }
        int text = example.text() == null ? -1 : place(example.text());
        candidates.put(examples, pairs);
        for (Sequence candidate : example.candidates()) {
            int row = place(candidate);
            if (graph.matching()) {
                left.put(pairs, text);
                right.put(pairs, row);
            }
            pairs++;
        }
        label.put(examples, label(example, exampleWeight));
        weight.put(examples, exampleWeight);
        examples++;
        return true;
    }

    // A row without a known answer is scored, not learned from.
    private static int label(EncodedExample example, float exampleWeight) {
        if (example.gold() == EncodedExample.UNKNOWN && exampleWeight == 0) {
            return 0;
        }
        return example.gold();
    }

    // An upper bound: a sequence that occurs twice in the row is counted twice.
    private boolean fits(EncodedExample example) {
        int newTokens = example.text() == null ? 0 : needed(example.text());
        int newSequences = 1 + example.candidates().length;
        for (Sequence candidate : example.candidates()) {
            newTokens += needed(candidate);
        }
        return tokens + newTokens <= graph.text().tokens().capacity() && sequences + newSequences <= graph.text().sequences().capacity()
            && pairs + example.candidates().length <= graph.pairs().capacity() && examples < graph.examples().capacity();
    }

    private int needed(Sequence sequence) {
        return isWritten(sequence) ? 0 : length(sequence);
    }

    // Whether it stands in this lane already. Without matching every pair is a sequence of its own, also when the same pair occurs twice.
    private boolean isWritten(Sequence sequence) {
        return graph.matching() && laneStamp[sequence.index()] == stamp && written[sequence.index()] == sequence;
    }

    // The method's virtual tokens stand before every sequence.
    private int length(Sequence sequence) {
        int length = prompt.length + sequence.length();
        if (length > counting.length) {
            throw new BadInputException("A text of " + sequence.length() + " tokens has no room beside the method's virtual tokens: the model has "
                + counting.length + " positions for both; expected at most " + Math.max(0, counting.length - prompt.length) + " (lower --max-length).");
        }
        return length;
    }

    private void grow(EncodedExample example) {
        int most = example.text() == null ? 0 : example.text().index();
        for (Sequence candidate : example.candidates()) {
            most = Math.max(most, candidate.index());
        }
        if (most >= rowOf.length) {
            written = Arrays.copyOf(written, 2 * most);
            rowOf = Arrays.copyOf(rowOf, 2 * most);
            laneStamp = Arrays.copyOf(laneStamp, 2 * most);
        }
    }

    private int place(Sequence sequence) {
        int index = sequence.index();
        if (isWritten(sequence)) {
            return rowOf[index];
        }
        int length = length(sequence);
        ids.put(tokens, prompt, prompt.length);
        ids.put(tokens + prompt.length, sequence.ids(), sequence.length());
        types.put(tokens, promptTypes, prompt.length);
        types.put(tokens + prompt.length, sequence.types(), sequence.length());
        positions.put(tokens, counting, length);
        offsets.put(sequences, tokens);
        tokens += length;
        written[index] = sequence;
        laneStamp[index] = stamp;
        rowOf[index] = sequences;
        return sequences++;
    }

    @Override
    public void endLane(int lane) {
        program.setLaneRow(graph.text().tokens(), lane, tokens - tokensBefore);
        program.setLaneRow(graph.text().sequences(), lane, sequences - sequencesBefore);
        program.setLaneRow(graph.examples(), lane, examples - examplesBefore);
        if (graph.matching()) {
            program.setLaneRow(graph.pairs(), lane, pairs - pairsBefore);
        }
        beginLane();
    }

    @Override
    public void end() {
        offsets.put(sequences, tokens);
        candidates.put(examples, pairs);
    }

    @Override
    public int tokens() {
        return tokens;
    }

    /** Rows written so far. */
    public int examples() {
        return examples;
    }
}
