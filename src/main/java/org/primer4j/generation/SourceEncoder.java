package org.primer4j.generation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.KeyValue;
import org.primer4j.model.Layers;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.StepInputs;
import org.primer4j.model.TextInputs;

/** Encodes sources, packed, and leaves every decoder layer's keys and values of them in the states that a decoder reads. */
final class SourceEncoder extends NativeResource {

    private final Seq2Seq model;
    private final Layers layers;
    private final TextInputs source;
    private final Graph graph = new Graph(1, DType.F32);
    private final Map<Value, Plan.Placement> states = new HashMap<>();
    private final int firstId;
    private final int firstPosition;
    private final int[] offsets;
    private Program program;

    SourceEncoder(Seq2Seq model, Adaptation method, GenerationRoom room) {
        super("encoder");
        this.model = model;
        this.layers = new Layers(graph, method);
        this.source = TextInputs.source(layers, model.config(), room.sourceTokens(), room.sources());
        List<KeyValue> cross = model.crossKeysValues(layers, model.encode(layers, source));
        for (int layer = 0; layer < cross.size(); layer++) {
            place(cross.get(layer).keys(), StepInputs.crossName(layer, true));
            place(cross.get(layer).values(), StepInputs.crossName(layer, false));
        }
        this.firstId = model.config().vocabSize();
        this.firstPosition = TextInputs.firstPosition(model.config()) + method.positionShift("encoder");
        this.offsets = new int[room.sources() + 1];
    }

    private void place(Value value, String state) {
        states.put(value, new Plan.Placement(graph.state(state, source.tokens(), value.cols()), 0));
    }

    /** The trained parameters that this part of the model has. */
    List<Value> parameters() {
        return graph.leaves(Leaf.Kind.PARAMETER);
    }

    void compile(Storage storage, Device device) {
        program = Program.compile(Plan.of(graph, states), storage, device);
    }

    /** Bytes of the program. */
    long bytes() {
        return program.bytes();
    }

    /** First token of each source that was encoded last, and the end of the last one. */
    int[] offsets() {
        return offsets;
    }

    /**
     * Encodes the sources from {@code begin} on, as many as there is room for.
     *
     * @return the first one that was left out
     * @throws BadInputException when a source is longer than the model or the room allows
     */
    int run(List<int[]> sources, int begin) {
        int end = begin;
        while (end < sources.size() && end - begin < offsets.length - 1 && offsets[end - begin] + length(sources.get(end)) <= source.tokens().capacity()) {
            check(sources.get(end));
            offsets[end - begin + 1] = offsets[end - begin] + length(sources.get(end));
            write(sources.get(end), offsets[end - begin]);
            end++;
        }
        if (end == begin) {
            throw new BadInputException("A source of " + sources.get(begin).length + " tokens is longer than the room of " + source.tokens().capacity()
                + "; raise --max-tokens or lower --max-source-length.");
        }
        int count = end - begin;
        program.setRows(source.sequences(), count);
        program.setRows(source.tokens(), offsets[count]);
        program.input(TextInputs.SOURCE + TextInputs.OFFSETS).put(0, offsets, count + 1);
        program.run(Stage.COMPUTE.bit());
        return end;
    }

    private int length(int[] ids) {
        return layers.promptLength() + ids.length;
    }

    private void check(int[] ids) {
        if (ids.length == 0) {
            throw new BadInputException("A source has no tokens; expected at least one.");
        }
        int last = firstPosition - TextInputs.firstPosition(model.config()) + length(ids);
        if (last > model.config().maxPositions()) {
            throw new BadInputException("A source of " + ids.length + " tokens needs " + last + " positions, and the model has "
                + model.config().maxPositions() + "; lower --max-source-length.");
        }
    }

    private void write(int[] ids, int at) {
        InputBuffer buffer = program.input(TextInputs.SOURCE + TextInputs.IDS);
        for (int i = 0; i < layers.promptLength(); i++) {
            buffer.put(at + i, firstId + i);
        }
        buffer.put(at + layers.promptLength(), ids, ids.length);
        if (source.positions() != null) {
            InputBuffer positions = program.input(TextInputs.SOURCE + TextInputs.POSITIONS);
            for (int i = 0; i < length(ids); i++) {
                positions.put(at + i, firstPosition + i);
            }
        }
    }

    @Override
    protected void release() {
        if (program != null) {
            program.close();
        }
    }
}
