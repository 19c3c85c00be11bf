package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestStorage;
import org.primer4j.graph.Value;

/**
 * Two lanes of hypotheses over one cache, and the same by full attention. The token that went to a cache row has the same query,
 * key and value in both.
 */
final class CachedDecoding implements AutoCloseable {

    /** Rows of lane 0 and of both lanes. */
    static final int LANE_ROWS = 3, ROWS = 5;
    private static final int LANE_SLOTS = 70, SLOTS = 2 * LANE_SLOTS, LONGEST = 30, LANES = 2;
    private static final String[] FACTORS = {"q", "k", "v"};

    /** What is decoded, and where. */
    record Sizes(Attention kind, int width, int prefix, Device device) {

        Sizes on(Device other) {
            return new Sizes(kind, width, prefix, other);
        }

        int d() {
            return kind.heads() * width;
        }
    }

    private final Sizes sizes;
    private final Graph stepGraph = new Graph(LANES, DType.F32), fullGraph = new Graph(LANES, DType.F32);
    private final Map<String, float[]> tokens = new HashMap<>();
    private final TestStorage stepStorage, fullStorage;
    private final Program step, full;
    private final Value stepOut, fullOut;
    private final int[] forced = new int[ROWS];

    CachedDecoding(Sizes sizes, long seed) {
        this.sizes = sizes;
        Random random = new Random(seed);
        for (String factor : FACTORS) {
            float[] rows = new float[SLOTS * sizes.d()];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = (float) random.nextGaussian();
            }
            tokens.put(factor, rows);
        }
        Arrays.fill(forced, -1);
        this.stepOut = stepGraph.output("o", stepValue());
        this.fullOut = fullGraph.output("o", fullValue());
        this.stepStorage = storage(stepGraph, sizes.device(), new TestData(seed));
        this.fullStorage = storage(fullGraph, Device.cpu(1), new TestData(seed));
        this.step = Program.compile(Plan.of(stepGraph), stepStorage, sizes.device());
        this.full = Program.compile(Plan.of(fullGraph), fullStorage, Device.cpu(1));
    }

    // The cache begins with NaN: what no list names must not be read into a result.
    private static TestStorage storage(Graph graph, Device device, TestData data) {
        TestStorage storage = new TestStorage(graph, device);
        Batch none = new Batch(new int[] {0, 1}, Map.of(), Map.of());
        graph.leaves(Leaf.Kind.PARAMETER).forEach(v -> storage.write((Leaf) v.node().op(), data.reals((Leaf) v.node().op(), none)));
        for (Value state : graph.leaves(Leaf.Kind.STATE)) {
            double[] nan = new double[state.shape().rows() * state.cols()];
            Arrays.fill(nan, Double.NaN);
            storage.write((Leaf) state.node().op(), nan);
        }
        return storage;
    }

    private Value bias(Graph graph) {
        RelativeBuckets buckets = sizes.kind.buckets();
        return buckets == null ? null : graph.parameter("bias", buckets.buckets(), sizes.kind.heads());
    }

    private Prefix prefix(Graph graph) {
        return sizes.prefix == 0 ? null
            : new Prefix(graph.parameter("pk", sizes.prefix, sizes.d()), graph.parameter("pv", sizes.prefix, sizes.d()));
    }

    private Value stepValue() {
        Graph g = stepGraph;
        Axis rows = g.axis("rows", ROWS), cache = g.axis("cache", SLOTS), entries = g.axis("entries", ROWS * LONGEST);
        Shape row = Shape.along(rows, sizes.d());
        return Ops.cachedAttention(sizes.kind, g.input("q", row), g.input("k", row), g.input("v", row),
            g.state("keys", cache, sizes.d()), g.state("values", cache, sizes.d()), g.indices("slot", rows, new IndexLimits.RowOf(cache)),
            g.indices("past", entries, new IndexLimits.RowOf(cache)), g.offsets("offsets", rows, entries, LONGEST), bias(g), prefix(g));
    }

    private Value fullValue() {
        Graph g = fullGraph;
        Axis rows = g.axis("rows", ROWS), entries = g.axis("entries", ROWS * LONGEST);
        Shape token = Shape.along(entries, sizes.d());
        Value offsets = g.offsets("offsets", rows, entries, LONGEST);
        return Ops.attention(sizes.kind, g.input("q", token), g.input("k", token), g.input("v", token), offsets, offsets, bias(g),
            prefix(g));
    }

    /** The cache row of a row's token. */
    static int slot(int step, int row) {
        return row < LANE_ROWS ? step * LANE_ROWS + row : LANE_SLOTS + step * LANE_ROWS + row - LANE_ROWS;
    }

    /** A row of the same lane. */
    static int parent(int row, Random random) {
        return row < LANE_ROWS ? random.nextInt(LANE_ROWS) : LANE_ROWS + random.nextInt(ROWS - LANE_ROWS);
    }

    /** Makes a row write another slot than its list's last; -1: that one. */
    void slotOf(int row, int slot) {
        forced[row] = slot;
    }

    /** Outputs of a step whose rows have these lists. */
    double[] step(List<List<Integer>> lists) {
        int[] slots = lists.stream().mapToInt(l -> l.get(l.size() - 1)).toArray();
        step.setLaneRow(stepGraph.axes().get(1), 0, LANE_SLOTS);
        step.setLaneRow(stepGraph.axes().get(1), 1, LANE_SLOTS);
        put(step, stepGraph.axes().get(2), lists);
        int[] all = lists.stream().flatMap(List::stream).mapToInt(i -> i).toArray();
        step.input("past").put(0, all, all.length);
        putTokens(step, slots);
        for (int row = 0; row < ROWS; row++) {
            step.input("slot").put(row, forced[row] >= 0 ? forced[row] : slots[row]);
        }
        step.run(Stage.COMPUTE);
        float[] o = new float[ROWS * sizes.d()];
        step.read(stepOut, o);
        return TestStorage.doubles(o);
    }

    /** The last position's output of full attention over each list's tokens. */
    double[] full(List<List<Integer>> lists) {
        put(full, fullGraph.axes().get(1), lists);
        int[] all = lists.stream().flatMap(List::stream).mapToInt(i -> i).toArray();
        putTokens(full, all);
        full.run(Stage.COMPUTE);
        int d = sizes.d(), end = 0;
        float[] o = new float[all.length * d];
        full.read(fullOut, o);
        double[] last = new double[ROWS * d];
        for (int row = 0; row < ROWS; row++) {
            end += lists.get(row).size();
            System.arraycopy(TestStorage.doubles(Arrays.copyOfRange(o, (end - 1) * d, end * d)), 0, last, row * d, d);
        }
        return last;
    }

    private static void put(Program program, Axis entries, List<List<Integer>> lists) {
        Axis rows = program.plan().graph().axes().get(0);
        program.setLaneRow(rows, 0, LANE_ROWS);
        program.setLaneRow(rows, 1, ROWS - LANE_ROWS);
        int[] offsets = new int[ROWS + 1];
        for (int row = 0; row < ROWS; row++) {
            offsets[row + 1] = offsets[row] + lists.get(row).size();
        }
        program.setLaneRow(entries, 0, offsets[LANE_ROWS]);
        program.setLaneRow(entries, 1, offsets[ROWS] - offsets[LANE_ROWS]);
        program.input("offsets").put(0, offsets, offsets.length);
    }

    private void putTokens(Program program, int[] slots) {
        int d = sizes.d();
        for (String factor : FACTORS) {
            for (int i = 0; i < slots.length; i++) {
                program.input(factor).put(i * d, Arrays.copyOfRange(tokens.get(factor), slots[i] * d, (slots[i] + 1) * d));
            }
        }
    }

    @Override
    public void close() {
        step.close();
        full.close();
        stepStorage.close();
        fullStorage.close();
    }
}
