package org.primer4j.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.Program;

/** A compiled graph whose leaves are filled from test data. */
public final class GraphRun implements AutoCloseable {

    private final Graph graph;
    private final TestStorage storage;
    private final Program program;

    /** Compiles the graph; frozen weights are written now, since they may be packed. */
    public GraphRun(Graph graph, int threads, TestData data, Batch batch) {
        this(graph, Device.cpu(threads), data, batch);
    }

    /** As above, on a given device. */
    public GraphRun(Graph graph, Device device, TestData data, Batch batch) {
        this.graph = graph;
        this.storage = new TestStorage(graph, device);
        for (Leaf.Kind kind : new Leaf.Kind[] {Leaf.Kind.WEIGHT, Leaf.Kind.PARAMETER, Leaf.Kind.SHARED, Leaf.Kind.STATE}) {
            graph.leaves(kind).forEach(v -> storage.write(leaf(v), data.reals(leaf(v), batch)));
        }
        this.program = Program.compile(Plan.of(graph), storage, device);
        TestDevices.compiled(device);
    }

    public Program program() {
        return program;
    }

    public TestStorage storage() {
        return storage;
    }

    /** Runs a batch: all named outputs that are computed, cut to the batch's rows. */
    public Map<String, double[]> run(Batch batch, TestData data) {
        for (Leaf.Kind kind : new Leaf.Kind[] {Leaf.Kind.PARAMETER, Leaf.Kind.SHARED}) {
            graph.leaves(kind).forEach(v -> storage.write(leaf(v), data.reals(leaf(v), batch)));
        }
        if (graph.dtype() == DType.F64) {
            graph.leaves(Leaf.Kind.WEIGHT).forEach(v -> storage.write(leaf(v), data.reals(leaf(v), batch)));
        }
        fill(batch, data);
        program.run(Stage.values());
        Map<String, double[]> results = new LinkedHashMap<>();
        graph.outputs().entrySet().stream().filter(e -> !(e.getValue().node().op() instanceof Leaf))
            .forEach(e -> results.put(e.getKey(), read(e.getValue(), batch)));
        return results;
    }

    /** Leaves NaN everywhere in the arena, as an earlier, larger batch might. */
    public void poison(Batch batch, TestData data) {
        fill(batch, data);
        for (Value input : graph.leaves(Leaf.Kind.INPUT)) {
            if (input.dtype() != DType.I32) {
                double[] nan = data.reals(leaf(input), batch).clone();
                Arrays.fill(nan, Double.NaN);
                put(program.input(leaf(input).leafName()), input.dtype(), nan);
            }
        }
        program.run(Stage.COMPUTE);
    }

    private void fill(Batch batch, TestData data) {
        for (Axis axis : graph.axes()) {
            for (int lane = 0; lane < graph.lanes(); lane++) {
                program.setLaneRow(axis, lane, batch.rows(axis.name(), lane));
            }
        }
        for (Value input : graph.leaves(Leaf.Kind.INPUT)) {
            InputBuffer buffer = program.input(leaf(input).leafName());
            if (input.dtype() == DType.I32) {
                int[] values = data.integers(leaf(input), batch);
                buffer.put(0, values, values.length);
            } else {
                put(buffer, input.dtype(), data.reals(leaf(input), batch));
            }
        }
    }

    private static void put(InputBuffer buffer, DType type, double[] values) {
        if (type == DType.F32) {
            buffer.put(0, TestStorage.floats(values));
            return;
        }
        for (int i = 0; i < values.length; i++) {
            buffer.put(i, values[i]);
        }
    }

    private double[] read(Value value, Batch batch) {
        Shape shape = value.shape();
        int rows = shape.axis() != null ? batch.total(shape.axis().name()) : shape.rows() * (shape.laned() ? graph.lanes() : 1);
        if (value.dtype() == DType.F64) {
            double[] target = new double[rows * shape.cols()];
            program.read(value, target);
            return target;
        }
        if (value.dtype() == DType.I32) {
            int[] target = new int[rows * shape.cols()];
            program.read(value, target);
            return Arrays.stream(target).asDoubleStream().toArray();
        }
        float[] target = new float[rows * shape.cols()];
        program.read(value, target);
        return TestStorage.doubles(target);
    }

    private static Leaf leaf(Value value) {
        return (Leaf) value.node().op();
    }

    @Override
    public void close() {
        program.close();
        storage.close();
    }
}
