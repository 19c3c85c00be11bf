package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Flat.Place;

/** Passes over flat vectors against plain loops in float64; three lanes, the second of which is idle. */
class FlatTest {

    private static final int LANES = 3;
    private static final double[] WEIGHTS = {0.5, 0, -2};
    private static final Batch BATCH = Batch.of(new int[] {}, new int[] {}, new int[] {});

    private final Graph graph = new Graph(LANES, DType.F32);
    private final TestData data = new TestData(1);
    private final Value weight = graph.input("a", Shape.laned(1, 1));

    FlatTest() {
        data.set("a", WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 37, 1003})
    void addLeavesIdleLanesAlone(int n) {
        double[] y = random(LANES * n, 1);
        double[] x = random(LANES * n, 2);
        Arrays.fill(x, n, 2 * n, Double.NaN);
        graph.add(new Flat.Add(), state("y", n, y), state("x", n, x), weight);
        double[] expected = new double[y.length];
        Arrays.setAll(expected, i -> WEIGHTS[i / n] == 0 ? y[i] : y[i] + WEIGHTS[i / n] * x[i]);
        check("y", expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachTensorHasItsOwnRate(boolean keep) {
        int n = 101;
        List<Long> starts = List.of(0L, 16L, 16L, 80L);
        double[] rates = {0.25, 7, 0, -3};
        double[] y = random(LANES * n, 1);
        double[] x = random(LANES * n, 2);
        for (int lane = 0; lane < LANES; lane++) {
            Arrays.fill(x, lane * n + 16, lane * n + 80, Double.NaN);
        }
        graph.add(new Flat.AddRated(keep, 2, starts), state("y", n, y), state("x", n, x), shared("r", 4, rates));
        double[] expected = new double[y.length];
        Arrays.setAll(expected, i -> {
            int at = i % n;
            double rate = 2 * (at < 16 ? rates[0] : at < 80 ? rates[2] : rates[3]);
            return (keep ? y[i] : 0) + (rate == 0 ? 0 : rate * x[i]);
        });
        check("y", expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lanesAreSummedTensorByTensor(boolean moves) {
        int n = 8260;
        int q = 8300;
        List<Place> places = List.of(new Place(64, 0, 8233), new Place(0, 8240, 20));
        double[] y = random(q, 1);
        double[] x = random(LANES * n, 2);
        Arrays.fill(x, n, 2 * n, Double.NaN);
        double[] start = random(q, 3);
        graph.add(new Flat.SumLanes(places), shared("y", q, y), state("x", n, x), weight, moves ? shared("start", q, start) : null);
        double[] expected = y.clone();
        for (Place place : places) {
            for (int i = 0; i < place.size(); i++) {
                int to = (int) place.to() + i;
                for (int lane : new int[] {0, 2}) {
                    expected[to] += WEIGHTS[lane] * (x[lane * n + (int) place.from() + i] - (moves ? start[to] : 0));
                }
            }
        }
        check("y", expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 20000})
    void dotsAreSummedOverLanes(int longest) {
        List<Place> places = new ArrayList<>(List.of(new Place(0, 0, 7), new Place(1, 16, longest)));
        for (int t = 2; t < 40; t++) {
            places.add(new Place(t, longest + 17 + 3 * t, t % 3));
        }
        int n = longest + 200;
        double[] y = random(places.size(), 1);
        double[] u = random(LANES * n, 2);
        double[] x = random(LANES * n, 3);
        graph.add(new Flat.Dots(-1, places), shared("y", places.size(), y), state("u", n, u), state("x", n, x));
        double[] expected = y.clone();
        for (int t = 0; t < places.size(); t++) {
            Place place = places.get(t);
            expected[t] -= IntStream.range(0, LANES).boxed().flatMapToDouble(lane -> IntStream.range(0, (int) place.size())
                .mapToDouble(i -> u[lane * n + (int) place.from() + i] * x[lane * n + (int) place.from() + i])).sum();
        }
        check("y", expected);
    }

    @Test
    void placesOutsideTheVectorsAreRefused() {
        Value y = graph.leaf(new Leaf(Leaf.Kind.STATE, "y", Shape.shared(1, 10), DType.F32, null));
        Value x = graph.state("x", 5);
        Consumer<Place> sum = place -> graph.add(new Flat.SumLanes(List.of(place)), y, x, weight, null);
        for (Place place : List.of(new Place(8, 0, 3), new Place(0, 3, 3), new Place(-1, 0, 1), new Place(0, -1, 1), new Place(0, 0, -1))) {
            assertThrows(ShapeException.class, () -> sum.accept(place));
        }
        for (List<Long> starts : List.of(List.of(1L), List.of(0L, 3L, 2L), List.of(0L, 6L))) {
            Value rates = graph.leaf(new Leaf(Leaf.Kind.STATE, "r" + starts, Shape.shared(1, starts.size()), DType.F32, null));
            assertThrows(ShapeException.class, () -> graph.add(new Flat.AddRated(true, 1, starts), x, graph.state("z", 5), rates));
        }
        assertThrows(ShapeException.class, () -> graph.add(new Flat.Add(), x, graph.state("short", 4), weight));
        Value matrix = graph.parameter("matrix", 2, 5), rate = graph.leaf(new Leaf(Leaf.Kind.STATE, "rate", Shape.shared(1, 1), DType.F32, null));
        assertThrows(ShapeException.class, () -> graph.add(new Flat.Add(), matrix, matrix, weight), "its second row would be left out");
        assertThrows(ShapeException.class, () -> graph.add(new Flat.AddRated(true, 1, List.of(0L)), matrix, matrix, rate));
        Value dots = graph.leaf(new Leaf(Leaf.Kind.STATE, "dots", Shape.shared(1, 2), DType.F32, null));
        List<Place> swapped = List.of(new Place(1, 0, 2), new Place(0, 2, 3));
        assertThrows(ShapeException.class, () -> graph.add(new Flat.Dots(1, swapped), dots, x, x), "places are numbered in order");
    }

    private Value state(String name, int n, double[] values) {
        data.set(name, values);
        return graph.state(name, n);
    }

    private Value shared(String name, int n, double[] values) {
        data.set(name, values);
        return graph.leaf(new Leaf(Leaf.Kind.STATE, name, Shape.shared(1, n), DType.F32, null));
    }

    private void check(String result, double[] expected) {
        Leaf leaf = graph.leaves(Leaf.Kind.STATE).stream().map(v -> (Leaf) v.node().op()).filter(l -> l.leafName().equals(result)).findFirst().orElseThrow();
        for (Device device : TestDevices.of(graph)) {
            try (GraphRun run = new GraphRun(graph, device, data, BATCH)) {
                run.run(BATCH, data);
                assertClose(device + ", " + result, run.storage().read(leaf), expected, 1e-6, 0);
            }
        }
    }

    private static double[] random(int n, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, n).mapToDouble(i -> (float) random.nextGaussian()).toArray();
    }
}
