package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.primer4j.graph.Ops.activate;
import static org.primer4j.graph.Ops.scale;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.TestData;
import org.primer4j.graph.Value;

class ActivateTest {

    private static final Activation[] FUNCTIONS = {Activation.GELU, Activation.GELU_TANH, Activation.RELU, Activation.SILU};

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return Stream.of(FUNCTIONS).flatMap(f -> OpChecks.of(
            new OpCase(f + ", 13 wide", l -> activate(f, l.x("x", 13))),
            new OpCase(f + ", 48 wide, far out", l -> activate(f, scale(l.x("x", 48), 8)))));
    }

    // Powers of x overflow there, against factors that have vanished.
    @ParameterizedTest
    @ValueSource(doubles = {40, 1e4, 2e8, 1e13, 1e20, 1e30, 3e38})
    void farOutTheSlopeIsConstant(double far) {
        Batch batch = Batch.of(new int[] {2});
        for (Activation f : FUNCTIONS) {
            Graph graph = new Graph(1, DType.F32);
            Leaves leaves = new Leaves(graph, batch);
            Value x = leaves.x("x", 1), y = activate(f, x), dx = Gradient.of(y, List.of(x)).get(0);
            graph.output("value", y);
            graph.output("slope", dx);
            graph.output("curvature", Tangent.of(List.of(dx), Map.of(x, leaves.constant("v", Batch.TOKENS, 1))).get(0));
            TestData data = new TestData(1);
            data.set("x", new double[] {far, -far});
            try (GraphRun run = new GraphRun(graph, 1, data, batch)) {
                Map<String, double[]> results = run.run(batch, data);
                assertArrayEquals(new double[] {(float) far, 0}, results.get("value"), 1e-15, f + " at " + far);
                assertArrayEquals(new double[] {1, 0}, results.get("slope"), 1e-15, f + " at " + far);
                assertArrayEquals(new double[] {0, 0}, results.get("curvature"), 1e-15, f + " at " + far);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> hasSecondDerivatives() {
        return Stream.of(FUNCTIONS).flatMap(f -> OpChecks.of(new OpCase("gradient of " + f, l -> {
            Value x = l.x("x", 7);
            return Gradient.of(f.primitive(x), List.of(x)).get(0);
        })));
    }
}
