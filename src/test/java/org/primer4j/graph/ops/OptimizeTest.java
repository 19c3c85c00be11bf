package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

/** The flat optimizers against plain float64, three lanes with rates of their own. */
class OptimizeTest {

    private static final int LANES = 3;
    private static final int STEPS = 4;
    private static final double[] RATES = {1e-3, 0, 5e-2};
    private static final Batch BATCH = Batch.of(new int[] {}, new int[] {}, new int[] {});

    /** The vectors of all lanes, in float64. */
    private record Reference(double[][] p, double[][] m, double[][] v) {

        Reference copied() {
            return new Reference(copy(p), copy(m), copy(v));
        }

        static Reference of(int n, long seed) {
            return new Reference(random(n, seed, 1), random(n, seed + 1, 0.01), squares(random(n, seed + 2, 0.01)));
        }

        void adamw(int lane, double[] g, int count, int decayed, double decay) {
            double rate = (float) RATES[lane];
            for (int i = 0; i < g.length; i++) {
                m[lane][i] = 0.9 * m[lane][i] + 0.1 * g[i];
                v[lane][i] = 0.999 * v[lane][i] + 0.001 * g[i] * g[i];
                p[lane][i] -= i < decayed ? rate * decay * p[lane][i] : 0;
                double first = m[lane][i] / (1 - Math.pow(0.9, count)), second = v[lane][i] / (1 - Math.pow(0.999, count));
                p[lane][i] -= rate * first / (Math.sqrt(second) + 1e-8);
            }
        }

        void sgd(int lane, double[] g, double momentum) {
            for (int i = 0; i < g.length; i++) {
                m[lane][i] = momentum * m[lane][i] + g[i];
                p[lane][i] -= (float) RATES[lane] * m[lane][i];
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 37, 40_000})
    void adamwAgreesWithFloat64(int n) {
        int decayed = n / 3;
        double limit = 0.7 * Math.sqrt(n);
        Graph graph = new Graph(LANES, DType.F32);
        Node clip = clip(graph, n, limit);
        graph.add(new Optimize.AdamW(0.9, 0.999, 1e-8, 0.01, decayed), state(graph, "p", n), state(graph, "g", n), state(graph, "m", n),
            state(graph, "v", n), clip.output(2), rate(graph), graph.laneIntegers("count", 1));
        Reference reference = Reference.of(n, n);
        train(graph, n, reference, (at, lane, g, step) -> at.adamw(lane, clipped(g, limit), step, decayed, 0.01));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.9})
    void sgdAgreesWithFloat64(double momentum) {
        int n = 1003;
        Graph graph = new Graph(LANES, DType.F32);
        Node clip = clip(graph, n, 0);
        graph.add(new Optimize.Sgd(momentum), state(graph, "p", n), state(graph, "g", n), momentum == 0 ? null : state(graph, "m", n),
            clip.output(2), rate(graph));
        Reference reference = Reference.of(n, 5);
        train(graph, n, reference, (at, lane, g, step) -> at.sgd(lane, g, momentum));
    }

    private interface Update {
        void apply(Reference at, int lane, double[] gradient, int step);
    }

    private static void train(Graph graph, int n, Reference start, Update update) {
        for (Device device : TestDevices.of(graph)) {
            train(graph, n, start, update, device);
        }
    }

    private static void train(Graph graph, int n, Reference start, Update update, Device device) {
        Reference reference = start.copied();
        TestData data = data(start, n);
        try (GraphRun run = new GraphRun(graph, device, data, BATCH)) {
            for (int step = 1; step <= STEPS; step++) {
                double[][] g = random(n, 100 + step, 1);
                run.storage().write(leaf(graph, "g"), flat(g));
                data.set("count", new double[] {step, step, step});
                double[] norms = run.run(BATCH, data).get("norm");
                for (int lane = 0; lane < LANES; lane++) {
                    assertEquals(norm(g[lane]), norms[lane], 1e-6 * norm(g[lane]));
                    update.apply(reference, lane, g[lane], step);
                }
            }
            // The parameters' change is compared too: it is what a float32 sum of small updates would lose.
            double[] p = run.storage().read(leaf(graph, "p"));
            double[] before = flat(start.p);
            assertClose(device + ", p", p, flat(reference.p), 1e-6, 0);
            assertClose(device + ", change of p", minus(p, before), minus(flat(reference.p), before), 1e-4, norm(before) * 1e-2);
        }
    }

    @Test
    void aGradientThatIsNoNumberChangesNothingInItsLane() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            int n = 37;
            Graph graph = new Graph(LANES, DType.F32);
            Node clip = clip(graph, n, 1);
            graph.add(new Optimize.AdamW(0.9, 0.999, 1e-8, 0.01, n), state(graph, "p", n), state(graph, "g", n), state(graph, "m", n),
                state(graph, "v", n), clip.output(2), graph.input("rate", Shape.laned(1, 1)), graph.laneIntegers("count", 1));
            TestData data = data(Reference.of(n, 3), n);
            data.set("rate", new double[] {1, 1, 1});
            data.set("count", new double[] {1, 1, 1});
            for (Device device : TestDevices.of(graph)) {
                try (GraphRun run = new GraphRun(graph, device, data, BATCH)) {
                    double[][] g = random(n, 9, 1);
                    g[1][20] = bad;
                    run.storage().write(leaf(graph, "g"), flat(g));
                    List<double[]> before = vectors(run, graph);
                    run.run(BATCH, data);
                    List<double[]> after = vectors(run, graph);
                    for (int i = 0; i < before.size(); i++) {
                        assertArrayEquals(lane(before.get(i), 1, n), lane(after.get(i), 1, n), device + ", vector " + i + " with gradient " + bad);
                        assertFalse(Arrays.equals(lane(before.get(i), 2, n), lane(after.get(i), 2, n)), device + ": other lanes move on");
                    }
                }
            }
        }
    }

    @Test
    void accumulateAddsUp() {
        int n = 1003;
        Graph graph = new Graph(LANES, DType.F32);
        graph.add(new Optimize.Accumulate(), state(graph, "sum", n), state(graph, "g", n), graph.laneIntegers("first", 1));
        TestData data = new TestData(4);
        data.set("first", new double[LANES]);
        double[][] sum = random(n, 1, 1), g = random(n, 2, 1);
        data.set("sum", flat(sum));
        data.set("g", flat(g));
        for (Device device : TestDevices.of(graph)) {
            try (GraphRun run = new GraphRun(graph, device, data, BATCH)) {
                data.set("first", new double[] {0, 0, 0});
                run.run(BATCH, data);
                run.run(BATCH, data);
                double[] expected = minus(flat(sum), Arrays.stream(flat(g)).map(v -> -2 * v).toArray());
                assertClose(device + ", sum", run.storage().read(leaf(graph, "sum")), expected, 1e-6, 0);
                data.set("first", new double[] {1, 1, 1});
                run.run(BATCH, data);
                assertClose(device + ", first part", run.storage().read(leaf(graph, "sum")), flat(g), 1e-6, 0);
            }
        }
    }

    private static Node clip(Graph graph, int n, double limit) {
        graph.enter(Stage.UPDATE);
        Node clip = graph.add(new Optimize.ClipGradNorm(limit), state(graph, "g", n));
        graph.output("norm", clip.output(1));
        return clip;
    }

    private static double[] clipped(double[] g, double limit) {
        double factor = Math.min(1, limit / (norm(g) + 1e-6));
        return Arrays.stream(g).map(v -> factor * v).toArray();
    }

    private static Value state(Graph graph, String name, int n) {
        return graph.state(name, n);
    }

    private static Value rate(Graph graph) {
        return graph.input("rate", Shape.laned(1, 1));
    }

    private static TestData data(Reference reference, int n) {
        TestData data = new TestData(n);
        data.set("p", flat(reference.p));
        data.set("m", flat(reference.m));
        data.set("v", flat(reference.v));
        data.set("rate", RATES);
        return data;
    }

    private static List<double[]> vectors(GraphRun run, Graph graph) {
        return List.of(run.storage().read(leaf(graph, "p")), run.storage().read(leaf(graph, "m")), run.storage().read(leaf(graph, "v")));
    }

    private static Leaf leaf(Graph graph, String name) {
        return graph.leaves(Leaf.Kind.STATE).stream().map(v -> (Leaf) v.node().op()).filter(l -> l.leafName().equals(name)).findFirst().orElseThrow();
    }

    private static double[][] random(int n, long seed, double spread) {
        Random random = new Random(seed);
        double[][] lanes = new double[LANES][n];
        for (double[] lane : lanes) {
            Arrays.setAll(lane, i -> (float) (spread * random.nextGaussian()));
        }
        return lanes;
    }

    private static double[][] squares(double[][] lanes) {
        return Arrays.stream(lanes).map(l -> Arrays.stream(l).map(v -> (float) (v * v)).toArray()).toArray(double[][]::new);
    }

    private static double[][] copy(double[][] lanes) {
        return Arrays.stream(lanes).map(double[]::clone).toArray(double[][]::new);
    }

    private static double[] flat(double[][] lanes) {
        return Arrays.stream(lanes).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] lane(double[] flat, int lane, int n) {
        return Arrays.copyOfRange(flat, lane * n, (lane + 1) * n);
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = a.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= b[i];
        }
        return difference;
    }
}
