package org.primer4j.objective.seq2seq;

import java.util.Arrays;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.Program;
import org.primer4j.model.Adaptation;
import org.primer4j.model.TextInputs;
import org.primer4j.objective.PartWriter;

/**
 * Writes rows into a program's inputs, one after another without padding. A token's weight is 1 over the target tokens of
 * the whole batch, so that the loss is the mean over these, in however many parts the batch is run.
 */
public final class Seq2SeqBatchWriter implements PartWriter<Seq2SeqExample> {

    private final Program program;
    private final Seq2SeqGraph graph;
    private final Side source;
    private final Side target;
    private final InputBuffer label;
    private final InputBuffer weight;
    private final int[] prompt;
    private final int[] start;
    private int rows;
    private int rowsBefore;

    /**
     * @param graph what the program was compiled from
     * @param adaptation says where positions begin, and how many virtual tokens stand before each input
     */
    public Seq2SeqBatchWriter(Program program, Seq2SeqGraph graph, Adaptation adaptation) {
        this.program = program;
        this.graph = graph;
        int first = TextInputs.firstPosition(graph.model().config());
        this.source = new Side(program, graph.source(), TextInputs.SOURCE, first + adaptation.positionShift("encoder"));
        this.target = new Side(program, graph.target(), TextInputs.TARGET, first + adaptation.positionShift("decoder"));
        this.label = program.input(Seq2SeqGraph.LABEL);
        this.weight = program.input(Seq2SeqGraph.WEIGHT);
        this.start = new int[] {graph.model().config().decoderStartTokenId()};
        this.prompt = new int[adaptation.promptLength()];
        int vocabulary = graph.model().config().vocabSize();
        Arrays.setAll(prompt, i -> vocabulary + i);
    }

    @Override
    public BadInputException tooLong(Seq2SeqExample row) {
        return new BadInputException("A row of " + row.source().length + " input tokens (and " + prompt.length + " virtual ones) and "
            + row.target().length + " output tokens is longer than the room for one part of a batch; raise --max-tokens or lower --max-length.");
    }

    /** One over the batch's target tokens: the weight of each of a row's. */
    @Override
    public float rowWeight(List<Seq2SeqExample> batch) {
        int labels = 0;
        for (int i = 0; i < batch.size(); i++) {
            labels += batch.get(i).target().length;
        }
        return 1f / labels;
    }

    @Override
    public void begin() {
        rows = 0;
        source.begin();
        target.begin();
        rowsBefore = 0;
    }

    @Override
    public boolean add(Seq2SeqExample row, float tokenWeight) {
        int[] labels = row.target();
        if (rows == graph.source().sequences().capacity() || !source.fits(prompt.length + row.source().length) || !target.fits(labels.length)) {
            return false;
        }
        label.put(target.tokens, labels, labels.length);
        for (int i = 0; i < labels.length; i++) {
            weight.put(target.tokens + i, tokenWeight);
        }
        source.add(rows, prompt, row.source(), row.source().length);
        target.add(rows, start, labels, labels.length - 1);
        rows++;
        return true;
    }

    @Override
    public void endLane(int lane) {
        source.endLane(lane);
        target.endLane(lane);
        program.setLaneRow(graph.source().sequences(), lane, rows - rowsBefore);
        rowsBefore = rows;
    }

    @Override
    public void end() {
        source.end(rows);
        target.end(rows);
    }

    @Override
    public int tokens() {
        return source.tokens + target.tokens;
    }

    /** Texts that are read, or that are written. */
    private static final class Side {

        private final Program program;
        private final TextInputs inputs;
        private final InputBuffer ids;
        private final InputBuffer positions;
        private final InputBuffer offsets;
        private final int[] counting;
        private int tokens;
        private int tokensBefore;

        Side(Program program, TextInputs inputs, String prefix, int firstPosition) {
            this.program = program;
            this.inputs = inputs;
            this.ids = program.input(prefix + TextInputs.IDS);
            this.positions = inputs.positions() == null ? null : program.input(prefix + TextInputs.POSITIONS);
            this.offsets = program.input(prefix + TextInputs.OFFSETS);
            this.counting = new int[inputs.tokens().capacity()];
            Arrays.setAll(counting, i -> firstPosition + i);
        }

        void begin() {
            tokens = 0;
            tokensBefore = 0;
        }

        boolean fits(int more) {
            return tokens + more <= inputs.tokens().capacity();
        }

        /** Writes a text: the tokens before it, then the first {@code count} of its own. */
        void add(int row, int[] before, int[] text, int count) {
            offsets.put(row, tokens);
            ids.put(tokens, before, before.length);
            ids.put(tokens + before.length, text, count);
            if (positions != null) {
                positions.put(tokens, counting, before.length + count);
            }
            tokens += before.length + count;
        }

        void end(int rows) {
            offsets.put(rows, tokens);
        }

        void endLane(int lane) {
            program.setLaneRow(inputs.tokens(), lane, tokens - tokensBefore);
            tokensBefore = tokens;
        }
    }
}
