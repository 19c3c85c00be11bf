package org.primer4j.generation;

import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.LmHead;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.StepInputs;
import org.primer4j.model.TextInputs;

/**
 * The decoder, one token a row and call: it keeps the keys and values of what it was fed and reads those of the encoded
 * sources. Beams of a source are the queries of one sequence in cross-attention, so that its keys are read once.
 */
final class CachedDecoder extends NativeResource implements DecodingStep {

    private static final String BANS = "bans";
    private static final String BAN_OFFSETS = "ban_offsets";

    private final Graph graph = new Graph(1, DType.F32);
    private final StepInputs in;
    private final Axis bans;
    private final Value logProbs;
    private final Value tokens;
    private final int firstPosition;
    private final PastLists past;
    private final int[] flat;
    private int sources;
    private Program program;

    CachedDecoder(Seq2Seq model, Adaptation method, GenerationSettings settings, GenerationRoom room) {
        super("decoder");
        int rows = Math.multiplyExact(room.sources(), settings.beams());
        this.past = new PastLists(rows, settings.maxLength() - 1);
        this.flat = new int[past.capacity()];
        Layers layers = new Layers(graph, method);
        this.in = StepInputs.declare(graph, model.config(),
            new StepInputs.Room(rows, past.capacity(), past.capacity(), room.sources(), room.sourceTokens()));
        Value hidden = model.step(layers, in);
        boolean banned = settings.noRepeatNgram() > 0 || settings.minLength() > 0;
        // A row bans at most what it holds, and the end.
        this.bans = banned ? graph.axis(BANS, Math.multiplyExact(rows, settings.maxLength() + 1)) : null;
        Node top = rank(model.head(layers), hidden, settings);
        this.logProbs = graph.output("log_probs", top.output(0));
        this.tokens = graph.output("tokens", top.output(1));
        this.firstPosition = TextInputs.firstPosition(model.config()) + method.positionShift("decoder");
    }

    private Node rank(LmHead head, Value hidden, GenerationSettings settings) {
        int vocabulary = head.weight().shape().rows();
        Value list = bans == null ? null : graph.indices(BANS, bans, new IndexLimits.Below(vocabulary));
        Value offsets = bans == null ? null : graph.raggedOffsets(BAN_OFFSETS, in.rows(), bans, bans.capacity());
        return Ops.headTopK(head.scaled(hidden), head.weight(), head.bias(), list, offsets, Math.min(settings.candidates(), vocabulary),
            settings.isGreedy());
    }

    /** The trained parameters that this part of the model has. */
    List<Value> parameters() {
        return graph.leaves(Leaf.Kind.PARAMETER);
    }

    void compile(Storage storage, Device device) {
        program = Program.compile(Plan.of(graph), storage, device);
    }

    /** Bytes of the program. */
    long bytes() {
        return program.bytes();
    }

    /** Starts anew with sources that were encoded. */
    void begin(int count, int[] offsets) {
        sources = count;
        program.setRows(in.sequences(), count);
        program.setRows(in.sourceTokens(), offsets[count]);
        program.setRows(in.cache(), past.capacity());
        program.input(StepInputs.SOURCE_OFFSETS).put(0, offsets, count + 1);
    }

    @Override
    public void run(StepRows rows, TopTokens top) {
        past.advance(rows);
        program.setRows(in.rows(), rows.count());
        writeTokens(rows);
        writePast(rows);
        writeSources(rows);
        if (bans != null) {
            writeBans(rows);
        }
        program.run(Stage.COMPUTE.bit());
        program.read(logProbs, top.logProbs());
        program.read(tokens, top.tokens());
    }

    private void writeTokens(StepRows rows) {
        InputBuffer ids = program.input(StepInputs.IDS), slots = program.input(StepInputs.SLOT);
        for (int row = 0; row < rows.count(); row++) {
            ids.put(row, rows.token(row));
            slots.put(row, past.slot(rows.position(), row));
            if (in.positions() != null) {
                program.input(StepInputs.POSITIONS).put(row, firstPosition + rows.position());
            }
        }
    }

    private void writePast(StepRows rows) {
        int entries = past.flatten(flat);
        program.setRows(in.past(), entries);
        program.input(StepInputs.PAST_ROWS).put(0, flat, entries);
        InputBuffer offsets = program.input(StepInputs.PAST_OFFSETS);
        for (int row = 0; row <= rows.count(); row++) {
            offsets.put(row, row * past.length());
        }
    }

    // A source that is done has no rows; its keys and values stay where they are.
    private void writeSources(StepRows rows) {
        InputBuffer offsets = program.input(StepInputs.ROW_OFFSETS);
        for (int source = 0, row = 0; source <= sources; source++) {
            while (row < rows.count() && rows.source(row) < source) {
                row++;
            }
            offsets.put(source, row);
        }
    }

    private void writeBans(StepRows rows) {
        program.setRows(bans, rows.banOffset(rows.count()));
        InputBuffer list = program.input(BANS), offsets = program.input(BAN_OFFSETS);
        for (int row = 0; row <= rows.count(); row++) {
            offsets.put(row, rows.banOffset(row));
        }
        for (int i = 0; i < rows.banOffset(rows.count()); i++) {
            list.put(i, rows.ban(i));
        }
    }

    @Override
    protected void release() {
        if (program != null) {
            program.close();
        }
    }
}
