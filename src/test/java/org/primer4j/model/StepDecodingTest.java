package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.engine.Device;
import org.primer4j.engine.Memory;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.Seq2SeqConfig;

/** Law: decoding a token at a time, with a cache and beams that take over each other's past, computes what whole texts give. */
class StepDecodingTest {

    private static final Path MODELS = Path.of("src/test/resources/golden/models");
    private static final int[] SOURCE_OFFSETS = {0, 5, 6, 9};
    private static final int SOURCES = 3, BEAMS = 2, ROWS = SOURCES * BEAMS, STEPS = 5;

    /** For each step, the row that each row goes on from; always of the same source. */
    private static final int[][] PARENTS = {{0, 1, 2, 3, 4, 5}, {0, 0, 3, 2, 4, 5}, {1, 0, 2, 2, 5, 5}, {0, 1, 3, 3, 4, 4}, {1, 1, 2, 3, 5, 4}};

    /** States of one program shared with another; weights lent by the model. */
    private record Shared(Weights weights, Map<String, Memory> states) implements Storage {

        @Override
        public Memory memory(Leaf leaf, Packing packing, WeightType type) {
            if (leaf.kind() == Leaf.Kind.WEIGHT) {
                return weights.memory(leaf.leafName(), leaf.shape().rows(), leaf.shape().cols(), packing, type);
            }
            return states.computeIfAbsent(leaf.leafName(), name -> new Memory(leaf.shape().elements(1) * Float.BYTES, name));
        }

        @Override
        public long offset(Leaf leaf) {
            return 0;
        }

        @Override
        public long laneStride(Leaf leaf) {
            return 0;
        }
    }

    @ParameterizedTest
    @CsvSource({"tiny_bart, 1", "tiny_bart, 2", "tiny_t5, 3", "tiny_t5_gated, 4"})
    void stepsComputeWhatWholeTextsGive(String name, long seed) {
        try (PretrainedFolder folder = PretrainedFolder.read(MODELS.resolve(name)); Weights weights = new Weights(folder.weights())) {
            Seq2Seq model = Seq2Seq.of(folder.config().asSeq2Seq());
            Random random = new Random(seed);
            int[] source = random.ints(SOURCE_OFFSETS[SOURCES], 0, folder.config().vocabSize()).toArray();
            int[][] tokens = IntStream.range(0, STEPS).mapToObj(t -> random.ints(ROWS, 0, folder.config().vocabSize()).toArray()).toArray(int[][]::new);
            float[][] steps = steps(model, weights, source, tokens);
            for (int t = 0; t < STEPS; t++) {
                assertClose(whole(model, weights, source, tokens, t), steps[t], name + " seed " + seed + " step " + t);
            }
        }
    }

    private static void assertClose(float[] expected, float[] actual, String what) {
        double error = 0, size = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow(expected[i] - actual[i], 2);
            size += Math.pow(expected[i], 2);
        }
        double relative = Math.sqrt(error / size);
        assertTrue(relative <= 2e-6, what + ": relative error " + relative);
    }

    private float[][] steps(Seq2Seq model, Weights weights, int[] source, int[][] tokens) {
        Map<String, Memory> states = new HashMap<>();
        Shared storage = new Shared(weights, states);
        try (Program encoder = encoder(model, storage)) {
            writeSource(encoder, source, SOURCE_OFFSETS);
            encoder.run(Stage.COMPUTE);
        }
        Seq2SeqConfig config = model.config();
        Graph graph = new Graph(1, DType.F32);
        Layers layers = new Layers(graph, Adaptation.frozen());
        StepInputs in = StepInputs.declare(graph, config, new StepInputs.Room(ROWS, ROWS * STEPS, ROWS * STEPS, SOURCES, SOURCE_OFFSETS[SOURCES]));
        Value hidden = graph.output("hidden", model.step(layers, in));
        float[][] results = new float[STEPS][ROWS * config.hiddenSize()];
        try (Program program = Program.compile(Plan.of(graph), storage, Device.cpu(2))) {
            List<List<Integer>> past = new ArrayList<>();
            for (int t = 0; t < STEPS; t++) {
                past = extended(past, t);
                writeStep(program, in, tokens[t], past, t);
                program.run(Stage.COMPUTE);
                program.read(hidden, results[t]);
            }
        }
        states.values().forEach(Memory::close);
        return results;
    }

    /** Each row's list is its parent's and its own slot, which is handed out in an order of its own. */
    private static List<List<Integer>> extended(List<List<Integer>> past, int t) {
        List<List<Integer>> next = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            List<Integer> list = new ArrayList<>(t == 0 ? List.of() : past.get(PARENTS[t][row]));
            list.add(slot(t, row));
            next.add(list);
        }
        return next;
    }

    private static int slot(int t, int row) {
        return (t * ROWS + row) * 7 % (ROWS * STEPS);
    }

    private static Program encoder(Seq2Seq model, Storage storage) {
        Graph graph = new Graph(1, DType.F32);
        Layers layers = new Layers(graph, Adaptation.frozen());
        TextInputs source = TextInputs.source(layers, model.config(), SOURCE_OFFSETS[SOURCES], SOURCES);
        List<KeyValue> cross = model.crossKeysValues(layers, model.encode(layers, source));
        Map<Value, Plan.Placement> placements = new HashMap<>();
        for (int i = 0; i < cross.size(); i++) {
            placements.put(cross.get(i).keys(), place(graph, StepInputs.crossName(i, true), source, model));
            placements.put(cross.get(i).values(), place(graph, StepInputs.crossName(i, false), source, model));
        }
        return Program.compile(Plan.of(graph, placements), storage, Device.cpu(2));
    }

    private static Plan.Placement place(Graph graph, String state, TextInputs source, Seq2Seq model) {
        return new Plan.Placement(graph.state(state, source.tokens(), model.keySize()), 0);
    }

    private static void writeStep(Program program, StepInputs in, int[] ids, List<List<Integer>> past, int t) {
        program.setRows(in.rows(), ROWS);
        program.setRows(in.cache(), ROWS * STEPS);
        program.setRows(in.past(), ROWS * (t + 1));
        program.setRows(in.sequences(), SOURCES);
        program.setRows(in.sourceTokens(), SOURCE_OFFSETS[SOURCES]);
        put(program, StepInputs.IDS, ids);
        if (in.positions() != null) {
            int[] positions = new int[ROWS];
            Arrays.fill(positions, 2 + t);
            put(program, StepInputs.POSITIONS, positions);
        }
        put(program, StepInputs.SLOT, IntStream.range(0, ROWS).map(row -> slot(t, row)).toArray());
        put(program, StepInputs.PAST_ROWS, past.stream().flatMap(List::stream).mapToInt(i -> i).toArray());
        put(program, StepInputs.PAST_OFFSETS, IntStream.rangeClosed(0, ROWS).map(row -> row * (t + 1)).toArray());
        put(program, StepInputs.ROW_OFFSETS, IntStream.rangeClosed(0, SOURCES).map(n -> n * BEAMS).toArray());
        put(program, StepInputs.SOURCE_OFFSETS, SOURCE_OFFSETS);
    }

    /** The last hidden state of each row after step {@code last}: its whole text at once, beside a copy of its source. */
    private static float[] whole(Seq2Seq model, Weights weights, int[] source, int[][] tokens, int last) {
        int[] copies = IntStream.range(0, ROWS).flatMap(row -> Arrays.stream(source, SOURCE_OFFSETS[row / BEAMS], SOURCE_OFFSETS[row / BEAMS + 1])).toArray();
        int[] offsets = new int[ROWS + 1];
        for (int row = 0; row < ROWS; row++) {
            offsets[row + 1] = offsets[row] + SOURCE_OFFSETS[row / BEAMS + 1] - SOURCE_OFFSETS[row / BEAMS];
        }
        int length = last + 1, d = model.config().hiddenSize();
        Graph graph = new Graph(1, DType.F32);
        Layers layers = new Layers(graph, Adaptation.frozen());
        TextInputs read = TextInputs.source(layers, model.config(), copies.length, ROWS);
        TextInputs written = TextInputs.target(layers, model.config(), ROWS * length, read);
        Value hidden = graph.output("hidden", model.decode(layers, model.encode(layers, read), read, written));
        float[] all = new float[ROWS * length * d];
        try (Program program = Program.compile(Plan.of(graph), new Shared(weights, new HashMap<>()), Device.cpu(2))) {
            writeSource(program, copies, offsets);
            program.setRows(written.tokens(), ROWS * length);
            put(program, "target_ids", IntStream.range(0, ROWS).flatMap(row -> Arrays.stream(text(tokens, row, last))).toArray());
            put(program, "target_offsets", IntStream.rangeClosed(0, ROWS).map(row -> row * length).toArray());
            if (written.positions() != null) {
                put(program, "target_positions", IntStream.range(0, ROWS * length).map(i -> 2 + i % length).toArray());
            }
            program.run(Stage.COMPUTE);
            program.read(hidden, all);
        }
        float[] states = new float[ROWS * d];
        for (int row = 0; row < ROWS; row++) {
            System.arraycopy(all, (row * length + last) * d, states, row * d, d);
        }
        return states;
    }

    private static int[] text(int[][] tokens, int row, int last) {
        int[] text = new int[last + 1];
        for (int t = last; t >= 0; t--) {
            text[t] = tokens[t][row];
            row = PARENTS[t][row];
        }
        return text;
    }

    private static void writeSource(Program program, int[] ids, int[] offsets) {
        program.setRows(program.plan().graph().axis("sequences", offsets.length - 1), offsets.length - 1);
        program.setRows(program.plan().graph().axis("source_tokens", ids.length), ids.length);
        put(program, "source_ids", ids);
        put(program, "source_offsets", offsets);
        if (program.hasInput("source_positions")) {
            int[] positions = new int[ids.length];
            for (int n = 0; n + 1 < offsets.length; n++) {
                for (int t = offsets[n]; t < offsets[n + 1]; t++) {
                    positions[t] = 2 + t - offsets[n];
                }
            }
            put(program, "source_positions", positions);
        }
    }

    private static void put(Program program, String input, int[] values) {
        program.input(input).put(0, values, values.length);
    }
}
