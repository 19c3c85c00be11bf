package org.primer4j.graph;

import static org.primer4j.graph.RelativeError.assertClose;
import static org.primer4j.graph.RelativeError.norm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hessian-vector products of a two-layer encoder, forward over reverse and backwards twice, against differences of its gradient. */
class SecondOrderTest {

    private static final long SEED = 20_260_101L;
    private static final double STEP = 1e-4;
    private static final Batch ONE = SmallEncoder.withExamples(Batch.of(new int[] {5, 1, 9, 4}));
    private static final Batch TWO = SmallEncoder.withExamples(Batch.of(new int[] {3, 6}, new int[] {7, 1, 2}));

    @Test
    void agreesWithDifferencesInFloat64() {
        check(ONE);
    }

    @Test
    void agreesWithDifferencesInFloat64ForTwoLanes() {
        check(TWO);
    }

    private static void check(Batch batch) {
        TestData data = new TestData(SEED);
        Map<String, double[]> exact = results(backwardsTwice(Decomposition.of(encoder(batch), DType.F64)), batch, data);
        compare("differences", differences(batch, data), exact, 1e-7);
        compare("forward over reverse", results(forwardOverReverse(Decomposition.of(encoder(batch), DType.F64)), batch, data), exact, 1e-12);
        compare("float32", results(backwardsTwice(Decomposition.of(encoder(batch), DType.F32)), batch, data), exact, 1e-4);
        compare("fused", results(forwardOverReverse(Decomposition.forTangents(encoder(batch))), batch, data), exact, 2e-5);
    }

    private static void compare(String how, Map<String, double[]> actual, Map<String, double[]> exact, double tolerance) {
        double group = group(exact);
        exact.forEach((name, hv) -> assertClose(how + ", " + name + ", seed " + SEED, actual.get(name), hv, tolerance, group));
    }

    private static Graph backwardsTwice(Graph graph) {
        List<Value> parameters = graph.leaves(Leaf.Kind.PARAMETER), gradients = Gradient.of(graph.outputs().get("loss"), parameters);
        List<Value> along = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            along.add(Ops.mul(gradients.get(i), direction(parameters.get(i))));
        }
        return name(graph, parameters, Gradient.ofSum(along, parameters));
    }

    private static Graph forwardOverReverse(Graph graph) {
        List<Value> parameters = graph.leaves(Leaf.Kind.PARAMETER);
        Map<Value, Value> directions = new LinkedHashMap<>();
        parameters.forEach(p -> directions.put(p, direction(p)));
        return name(graph, parameters, Tangent.of(Gradient.of(graph.outputs().get("loss"), parameters), directions));
    }

    private static Value direction(Value parameter) {
        return parameter.graph().input("v " + name(parameter), parameter.shape());
    }

    // Five-point differences (g(p + hv) - g(p - hv)) 8/12h - (g(p + 2hv) - g(p - 2hv)) / 12h: the error falls with h^4.
    private static Map<String, double[]> differences(Batch batch, TestData data) {
        Graph graph = Decomposition.of(encoder(batch), DType.F64);
        List<Value> parameters = graph.leaves(Leaf.Kind.PARAMETER);
        name(graph, parameters, Gradient.of(graph.outputs().get("loss"), parameters));
        Map<String, double[]> sum = new LinkedHashMap<>();
        double[] steps = {STEP, -STEP, 2 * STEP, -2 * STEP}, weights = {8, -8, -1, 1};
        for (int i = 0; i < steps.length; i++) {
            double weight = weights[i] / (12 * STEP);
            results(graph, batch, moved(graph, batch, data, steps[i])).forEach((name, g) ->
                sum.merge(name, Arrays.stream(g).map(v -> weight * v).toArray(), SecondOrderTest::added));
        }
        return sum;
    }

    private static TestData moved(Graph graph, Batch batch, TestData data, double step) {
        TestData moved = new TestData(data.seed());
        for (Value parameter : graph.leaves(Leaf.Kind.PARAMETER)) {
            Leaf leaf = (Leaf) parameter.node().op();
            double[] direction = data.reals(new Leaf(Leaf.Kind.INPUT, "v " + leaf.leafName(), leaf.shape(), leaf.leafType(), null), batch);
            moved.set(leaf.leafName(), added(data.reals(leaf, batch), Arrays.stream(direction).map(v -> step * v).toArray()));
        }
        return moved;
    }

    private static Graph encoder(Batch batch) {
        Graph graph = new Graph(batch.laneCount(), DType.F32);
        graph.output("loss", SmallEncoder.trained(new Leaves(graph, batch)));
        return graph;
    }

    private static Graph name(Graph graph, List<Value> parameters, List<Value> results) {
        for (int i = 0; i < parameters.size(); i++) {
            graph.output("d " + name(parameters.get(i)), results.get(i));
        }
        return graph;
    }

    private static String name(Value leaf) {
        return ((Leaf) leaf.node().op()).leafName();
    }

    private static Map<String, double[]> results(Graph graph, Batch batch, TestData data) {
        try (GraphRun run = new GraphRun(graph, 1, data, batch)) {
            Map<String, double[]> results = run.run(batch, data);
            results.remove("loss");
            return results;
        }
    }

    private static double[] added(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    private static double group(Map<String, double[]> tensors) {
        return Math.sqrt(tensors.values().stream().mapToDouble(t -> Math.pow(norm(t), 2)).sum());
    }
}
