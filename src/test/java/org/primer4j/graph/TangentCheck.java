package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.engine.Device;

/**
 * An op's tangents, those of its gradient included: of {@code loss = sum of c y}, the tangents of the gradients by every leaf and by c (which
 * is y) when all of them move. In float64 the primitives' tangents agree with differentiating backwards twice and with differences
 * of the gradient; the fused ops' in float32 agree with those.
 */
record TangentCheck(OpCase op, Batch batch, Batch larger, TestData data, String name) {

    private static final double EXACT = 1e-12;
    private static final double STEP = 1e-5;
    private static final double DIFFERENCE_TOLERANCE = 1e-6;

    /** @param forward the op's graph, with outputs {@code loss} and, for the leaves that move, {@code leaf NAME} */
    void all(Graph forward) {
        Map<String, double[]> expected = run(forwardOverReverse(Decomposition.of(forward, DType.F64)), data);
        if (OpChecks.checksReferences()) {
            compare("backwards twice", run(reverseOverReverse(Decomposition.of(forward, DType.F64)), data), expected, EXACT);
            compare("differences", differences(forward), expected, DIFFERENCE_TOLERANCE);
        }
        // A tangent is a sum of twice as many products, and each is rounded.
        OpCase doubled = new OpCase(op.name(), op.forward(), 2 * op.gradient(), op.lane(), op.build());
        Graph fused = forwardOverReverse(Decomposition.forTangents(forward));
        for (Device device : TestDevices.of(fused)) {
            new Comparison(doubled, name).check("tangents, " + device, twice(fused, device), expected, group(expected));
        }
        Graph single = oneByOne(Decomposition.forTangents(forward));
        for (Device device : TestDevices.of(single)) {
            new Comparison(doubled, name).check("tangents one by one, " + device, run(single, device, data), expected, group(expected));
        }
    }

    private void compare(String how, Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
        double group = group(expected);
        expected.forEach((key, value) -> assertClose(name + ", tangents, " + how + ": " + key, actual.get(key), value, tolerance, group));
    }

    // All may vanish, as the loss of a choice of one; beside leaves and directions of order one, roundings do too.
    private static double group(Map<String, double[]> tangents) {
        return Math.max(1, Comparison.group(tangents));
    }

    private static Graph forwardOverReverse(Graph graph) {
        List<Value> moving = moving(graph);
        return named(graph, moving, Tangent.of(gradients(graph, moving), directions(moving)));
    }

    // Along all directions at once it is the sum of what it is along each, where all other tangents are left out.
    private static Graph oneByOne(Graph graph) {
        List<Value> moving = moving(graph), gradients = gradients(graph, moving), sums = null;
        for (Map.Entry<Value, Value> direction : directions(moving).entrySet()) {
            List<Value> more = Tangent.of(gradients, Map.ofEntries(direction));
            sums = sums == null ? more : sum(sums, more);
        }
        return named(graph, moving, sums);
    }

    private static List<Value> sum(List<Value> a, List<Value> b) {
        List<Value> sums = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            sums.add(Ops.add(a.get(i), b.get(i)));
        }
        return sums;
    }

    // The Hessian is symmetric: its product with v is the gradient of (gradient . v).
    private static Graph reverseOverReverse(Graph graph) {
        List<Value> moving = moving(graph), gradients = gradients(graph, moving), along = new ArrayList<>();
        Map<Value, Value> directions = directions(moving);
        for (int i = 0; i < moving.size(); i++) {
            along.add(Ops.mul(gradients.get(i), directions.get(moving.get(i))));
        }
        return named(graph, moving, Gradient.ofSum(along, moving));
    }

    private static List<Value> moving(Graph graph) {
        List<Value> moving = new ArrayList<>();
        graph.outputs().forEach((output, value) -> {
            if (output.startsWith("leaf ")) {
                moving.add(value);
            }
        });
        return moving;
    }

    private static List<Value> gradients(Graph graph, List<Value> moving) {
        return Gradient.of(graph.outputs().get("loss"), moving);
    }

    private static Map<Value, Value> directions(List<Value> moving) {
        Map<Value, Value> directions = new LinkedHashMap<>();
        moving.forEach(v -> directions.put(v, v.graph().input("v " + leaf(v).leafName(), v.shape())));
        return directions;
    }

    private static Leaf leaf(Value value) {
        return (Leaf) value.node().op();
    }

    private static Graph named(Graph graph, List<Value> moving, List<Value> results) {
        for (int i = 0; i < moving.size(); i++) {
            graph.output("d_" + leaf(moving.get(i)).leafName(), results.get(i));
        }
        return graph;
    }

    private Map<String, double[]> run(Graph graph, TestData at) {
        return run(graph, Device.cpu(1), at);
    }

    private Map<String, double[]> run(Graph graph, Device device, TestData at) {
        try (GraphRun run = new GraphRun(graph, device, at, batch)) {
            return results(run.run(batch, at));
        }
    }

    private static Map<String, double[]> results(Map<String, double[]> all) {
        all.keySet().removeIf(key -> !key.startsWith("d_"));
        return all;
    }

    private Map<String, double[]> twice(Graph graph, Device device) {
        try (GraphRun run = new GraphRun(graph, device, data, batch)) {
            run.poison(larger, data);
            Map<String, double[]> first = results(run.run(batch, data));
            run.poison(larger, data);
            results(run.run(batch, data)).forEach((key, value) -> assertArrayEquals(first.get(key), value, name + ", tangents: " + key + " of a second run"));
            return first;
        }
    }

    // (g(p + h v) - g(p - h v)) / 2h.
    private Map<String, double[]> differences(Graph forward) {
        Graph graph = Decomposition.of(forward, DType.F64);
        List<Value> moving = moving(graph);
        named(graph, moving, gradients(graph, moving));
        try (GraphRun run = new GraphRun(graph, 1, data, batch)) {
            Map<String, double[]> up = results(run.run(batch, moved(moving, STEP))), down = results(run.run(batch, moved(moving, -STEP)));
            up.forEach((key, values) -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (values[i] - down.get(key)[i]) / (2 * STEP);
                }
            });
            return up;
        }
    }

    private TestData moved(List<Value> moving, double step) {
        TestData moved = data.unchanged();
        for (Value value : moving) {
            Leaf leaf = leaf(value);
            double[] values = data.reals(leaf, batch).clone();
            double[] direction = data.reals(new Leaf(Leaf.Kind.INPUT, "v " + leaf.leafName(), leaf.shape(), leaf.leafType(), null), batch);
            for (int i = 0; i < values.length; i++) {
                values[i] += step * direction[i];
            }
            moved.set(leaf.leafName(), values);
        }
        return moved;
    }
}
