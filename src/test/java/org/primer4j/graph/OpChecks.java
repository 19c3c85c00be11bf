package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.primer4j.engine.Device;

/**
 * What follows from one declaration of an op: its float32 value and gradients agree with its float64 decomposition, those with
 * central differences; stale memory does not show; runs repeat to the bit; a lane alone is the lane in a pack; and the same of the
 * tangents of its gradients ({@link TangentCheck}).
 */
public final class OpChecks {

    private static final double STEP = 1e-5;
    private static final double DIFFERENCE_TOLERANCE = 1e-7;
    private static final double LOSS_ROUNDING = 1e-15;
    private static final int EXTRA = 2;
    /** Names a property of a process whose references are checked elsewhere: it checks the kernels alone. */
    public static final String KERNELS_ALONE = "primer4j.kernels_alone";

    private OpChecks() {}

    /** Whether the float64 references are checked too: that they are what they should be is seen once, under any instruction set. */
    static boolean checksReferences() {
        return !Boolean.getBoolean(KERNELS_ALONE);
    }

    /** Odd lengths in one lane, and three lanes of different sizes of which one is empty. */
    public static List<Batch> batches() {
        return List.of(Batch.of(new int[] {1}), Batch.of(new int[] {13}), Batch.of(new int[] {207}), Batch.of(new int[] {5, 1, 33}),
            Batch.of(new int[] {13, 1}, new int[] {}, new int[] {65, 7}));
    }

    /** A test for each case and batch. */
    public static Stream<DynamicTest> of(OpCase... cases) {
        return of(UnaryOperator.identity(), cases);
    }

    /** As of, with axes added to every batch. */
    public static Stream<DynamicTest> of(UnaryOperator<Batch> more, OpCase... cases) {
        return of(batches(), more, cases);
    }

    /** As of, for batches of one's own. */
    public static Stream<DynamicTest> of(List<Batch> batches, UnaryOperator<Batch> more, OpCase... cases) {
        return Stream.of(cases).flatMap(op -> batches.stream().map(sizes -> {
            Batch batch = more.apply(sizes);
            long seed = op.name().hashCode() * 31L + batch.toString().hashCode();
            String name = op.name() + ", lengths " + batch + ", seed " + seed;
            return DynamicTest.dynamicTest(name, () -> new Check(op, batch, larger(sizes, more), new TestData(seed), name).all());
        }));
    }

    // The lanes in reverse order, and one sequence more: another layout over the same memory.
    static Batch larger(Batch sizes, UnaryOperator<Batch> more) {
        List<int[]> lengths = new ArrayList<>(Arrays.asList(sizes.lengths(Batch.SEQUENCES, Batch.TOKENS)));
        Collections.reverse(lengths);
        int[] last = lengths.get(lengths.size() - 1);
        int[] longer = Arrays.copyOf(last, last.length + 1);
        longer[last.length] = EXTRA;
        lengths.set(lengths.size() - 1, longer);
        return more.apply(Batch.of(lengths.toArray(int[][]::new)));
    }

    private record Check(OpCase op, Batch batch, Batch larger, TestData data, String name) {

        void all() {
            Graph fused = forward(batch.laneCount());
            Graph reference = Decomposition.of(fused, DType.F64);
            List<String> wanted = differentiate(fused);
            differentiate(reference);
            Map<String, double[]> expected;
            try (GraphRun run = new GraphRun(reference, 1, data, batch)) {
                expected = run.run(batch, data);
                if (checksReferences()) {
                    differences(run, expected, wanted);
                }
            }
            double group = Comparison.group(expected);
            for (Device device : TestDevices.of(fused)) {
                Map<String, double[]> actual = twice(fused, device);
                new Comparison(op, name).check(device.toString(), actual, expected);
                alone(actual, group, device);
            }
            Graph moving = forward(batch.laneCount());
            moving.output("leaf loss_weight", moving.input("loss_weight", moving.outputs().get("y").shape()));
            new TangentCheck(op, batch, larger, data, name).all(moving);
        }

        private Graph forward(int lanes) {
            Graph graph = new Graph(lanes, DType.F32);
            Leaves leaves = new Leaves(graph, larger);
            Value y = graph.output("y", op.build().apply(leaves));
            graph.output("loss", Ops.mul(y, graph.input("loss_weight", y.shape())));
            leaves.wanted().forEach(v -> graph.output("leaf " + v.node().op().name(), v));
            return graph;
        }

        // The decomposition keeps the outputs' names, so the wanted leaves are found by them in both graphs.
        private static List<String> differentiate(Graph graph) {
            List<String> names = graph.outputs().keySet().stream().filter(n -> n.startsWith("leaf ")).toList();
            List<Value> gradients = Gradient.of(graph.outputs().get("loss"), names.stream().map(graph.outputs()::get).toList());
            List<String> leaves = names.stream().map(n -> n.substring("leaf ".length())).toList();
            for (int i = 0; i < leaves.size(); i++) {
                graph.output("d_" + leaves.get(i), gradients.get(i));
            }
            return leaves;
        }

        private Map<String, double[]> twice(Graph fused, Device device) {
            try (GraphRun run = new GraphRun(fused, device, data, batch)) {
                run.poison(larger, data);
                Map<String, double[]> first = run.run(batch, data);
                run.poison(larger, data);
                Map<String, double[]> second = run.run(batch, data);
                first.forEach((key, value) -> assertArrayEquals(value, second.get(key), name + ": " + key + " of a second run"));
                return first;
            }
        }

        // (f(x + h v) - f(x - h v)) / 2h = g . v for a random direction v in each leaf.
        private void differences(GraphRun run, Map<String, double[]> expected, List<String> wanted) {
            double group = Comparison.group(expected);
            for (String leaf : wanted) {
                double[] gradient = expected.get("d_" + leaf), at = leafValues(run, leaf);
                double[] direction = new Random(data.seed() + leaf.hashCode()).doubles(at.length, -1, 1).toArray();
                double up = lossAt(run, leaf, at, direction, STEP), down = lossAt(run, leaf, at, direction, -STEP);
                double slope = (up - down) / (2 * STEP), along = dot(gradient, direction);
                // A direction may be nearly orthogonal to the gradient: the typical product stands in for it.
                double typical = (norm(gradient) + 1e-3 * group) * norm(direction) / Math.sqrt(Math.max(1, at.length));
                double allowed = DIFFERENCE_TOLERANCE * typical + LOSS_ROUNDING * (1 + Math.abs(up)) / STEP;
                assertTrue(Math.abs(slope - along) <= allowed, name + ": along " + leaf + " the finite difference is " + slope + ", the gradient "
                    + along + ", allowed " + allowed);
            }
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }

        private double[] leafValues(GraphRun run, String name) {
            Graph graph = run.program().plan().graph();
            return graph.nodes().stream().map(Node::op).filter(o -> o instanceof Leaf l && l.leafName().equals(name)).findFirst()
                .map(o -> data.reals((Leaf) o, batch)).orElseThrow();
        }

        private double lossAt(GraphRun run, String leaf, double[] at, double[] direction, double step) {
            double[] moved = at.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] += step * direction[i];
            }
            TestData there = data.unchanged();
            there.set(leaf, moved);
            return Arrays.stream(run.run(batch, there).get("loss")).sum();
        }

        // Each lane of a pack on its own gives what it gives in the pack, up to the products' blocking of rows; gradients that
        // are zero but for rounding show that blocking most.
        private void alone(Map<String, double[]> pack, double group, Device device) {
            double lane = device.kind() == Device.Kind.CUDA ? op.lane() : OpCase.ONE_KERNEL;
            for (int which = 0; which < batch.laneCount() && batch.laneCount() > 1; which++) {
                Batch one = batch.alone(which);
                Graph graph = forward(1);
                differentiate(graph);
                try (GraphRun run = new GraphRun(graph, device, data, one)) {
                    int at = which;
                    run.run(one, data).forEach((key, value) -> {
                        Value v = graph.outputs().get(key);
                        if (v.shape().axis() != null || v.shape().laned()) {
                            double[] part = part(pack.get(key), v.shape(), at, value.length);
                            boolean gradient = key.startsWith("d_");
                            assertClose(name + ": lane " + at + " alone, " + key, value, part, gradient ? op.gradient() / 2 : lane,
                                gradient ? group : 0);
                        }
                    });
                }
            }
        }

        private double[] part(double[] pack, Shape shape, int lane, int length) {
            int first = shape.axis() == null ? lane * length : batch.first(shape.axis().name(), lane) * shape.cols();
            return Arrays.copyOfRange(pack, first, first + length);
        }
    }
}
