package org.primer4j.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.TensorData;
import org.primer4j.random.Philox;

/** One op at MiniLM's sizes, forward. Benchmarks are named after the op's stem. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class OpBenchmark {

    static final int WIDTH = BenchModel.MINILM.hiddenSize();
    static final int INNER = BenchModel.MINILM.intermediateSize();
    private static final double GIGA = 1e9;

    /** Rows of the op's input. */
    @Param("1024")
    public int tokens;

    /** CPU threads. */
    @Param("2")
    public int threads;

    private final List<AutoCloseable> resources = new ArrayList<>();
    private Job forward;

    /** Work done, which JMH divides by the time. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counters {
        /** 10^9 floating point operations of products. */
        public double gflop;
        /** 10^9 bytes of the ops' inputs and outputs, each counted once. */
        public double gbyte;
    }

    /** A program and its work. */
    record Job(Program program, double gflop, double gbyte) {

        void run(Counters work) {
            program.run(Stage.COMPUTE.bit());
            work.gflop += gflop;
            work.gbyte += gbyte;
        }
    }

    /** Records the op; the result is null for an op that only has effects. */
    abstract Value build(Graph graph, Axis rows);

    /** Writes the whole numbers of the batch, and floats for which random ones do not do; every axis is full. */
    void fill(Program program) {}

    /** Where the op finds its weights, parameters and states. */
    Storage storage(ModelStorage model) {
        return model;
    }

    @Setup
    public void prepareForward() {
        Graph graph = new Graph(1, DType.F32);
        Value result = build(graph, graph.axis(OpSizes.TOKENS, tokens));
        if (result != null) {
            graph.output("result", result);
        }
        forward = prepare(graph);
    }

    Job prepare(Graph graph) {
        Weights weights = new Weights(random(graph));
        Parameters parameters = new Parameters(new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER)), 1);
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            parameters.write(0, entry.name(), new RandomTensor(0, entry.name(), entry.rows(), entry.cols()).floats());
        }
        resources.addAll(0, List.of(parameters, weights));
        Program program = keep(Program.compile(Plan.of(graph), storage(new ModelStorage(weights, parameters)), Device.cpu(threads)));
        graph.axes().forEach(axis -> program.setRows(axis, axis.capacity()));
        for (Value input : graph.leaves(Leaf.Kind.INPUT)) {
            if (input.dtype() == DType.F32) {
                String name = ((Leaf) input.node().op()).leafName();
                program.input(name).put(0, new RandomTensor(0, name, input.shape().rows(), input.cols()).floats());
            }
        }
        fill(program);
        List<Node> ops = program.plan().nodes().stream().filter(n -> !(n.op() instanceof Leaf)).toList();
        double flop = ops.stream().mapToDouble(n -> Work.flop(n, new OpSizes(graph))).sum();
        return new Job(program, flop / GIGA, ops.stream().mapToDouble(this::bytes).sum() / GIGA);
    }

    /** Closes the resource with the benchmark, before all that was kept earlier. */
    <R extends AutoCloseable> R keep(R resource) {
        resources.add(0, resource);
        return resource;
    }

    private static Map<String, TensorData> random(Graph graph) {
        Map<String, TensorData> tensors = new HashMap<>();
        for (Value weight : graph.leaves(Leaf.Kind.WEIGHT)) {
            String name = ((Leaf) weight.node().op()).leafName();
            tensors.put(name, new RandomTensor(0, name, weight.shape().rows(), weight.cols()));
        }
        return tensors;
    }

    /** Bytes a node reads and writes. */
    double bytes(Node node) {
        List<Value> values = new ArrayList<>(node.inputs());
        values.addAll(node.outputs());
        return values.stream().distinct().filter(v -> v != null).mapToDouble(v -> (double) v.shape().elements(1) * v.dtype().bytes()).sum();
    }

    @Benchmark
    public void forward(Counters work) {
        forward.run(work);
    }

    @TearDown
    public void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        resources.clear();
    }

    static Value input(Graph graph, Axis rows, String name, int cols) {
        return graph.input(name, Shape.along(rows, cols));
    }

    /** Offsets of sequences of one length. */
    static void putOffsets(Program program, String name, int sequences, int length) {
        program.input(name).put(0, IntStream.rangeClosed(0, sequences).map(i -> i * length).toArray(), sequences + 1);
    }

    /** Random whole numbers below a limit. */
    static void putIndices(Program program, String name, int count, int limit) {
        Philox random = new Philox(0, name);
        program.input(name).put(0, IntStream.range(0, count).map(i -> random.nextInt(limit)).toArray(), count);
    }
}
