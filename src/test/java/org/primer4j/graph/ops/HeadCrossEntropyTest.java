package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.Ops.activate;
import static org.primer4j.graph.Ops.headCrossEntropy;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.graph.Batch;
import org.primer4j.graph.DType;
import org.primer4j.graph.Decomposition;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.GraphRun;
import org.primer4j.graph.Leaves;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.NoTangentException;
import org.primer4j.graph.OpCase;
import org.primer4j.graph.OpChecks;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.TestData;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

class HeadCrossEntropyTest {

    /** A lane of which more rows have labels than a tile of CUDA's products has, and three lanes of which one is empty. */
    private static final List<Batch> FEW = List.of(Batch.of(new int[] {150}), Batch.of(new int[] {13, 1}, new int[] {}, new int[] {45, 7}));

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(
            new OpCase("frozen, 29 words", l -> loss(l, l.x("h", 13), l.frozen("w", 29, 13), l.frozen("b", 1, 29), 0)),
            new OpCase("trained, 5 words, smoothed", l -> loss(l, l.x("h", 7), l.parameter("w", 5, 7), l.parameter("b", 1, 5), 0.2)),
            new OpCase("h fixed", l -> loss(l, l.constant("h", Batch.TOKENS, 13), l.parameter("w", 300, 13), null, 0)));
    }

    // The CPU's kernels take 256 words at a time, CUDA's tiles are 64 wide.
    @TestFactory
    Stream<DynamicTest> agreesWithItsReferenceOverManyWords() {
        return OpChecks.of(FEW, UnaryOperator.identity(),
            new OpCase("frozen, 700 words, smoothed", l -> loss(l, l.x("h", 24), l.frozen("w", 700, 24), null, 0.1)),
            new OpCase("trained, 600 words", l -> loss(l, l.x("h", 17), l.parameter("w", 600, 17), null, 0)),
            new OpCase("shared, 257 words, smoothed", l -> loss(l, l.x("h", 9), l.shared("w", 257, 9), l.shared("b", 1, 257), 0.5)),
            new OpCase("frozen weight, trained bias", l -> loss(l, l.x("h", 13), l.frozen("w", 300, 13), l.parameter("b", 1, 300), 0.1)),
            new OpCase("trained weight, shared bias", l -> loss(l, l.x("h", 6), l.parameter("w", 270, 6), l.shared("b", 1, 270), 0.1)),
            new OpCase("shared weight, trained bias", l -> loss(l, l.x("h", 6), l.shared("w", 280, 6), l.parameter("b", 1, 280), 0.1)));
    }

    // CUDA's kernels take up to 32,768 words at a time.
    @TestFactory
    Stream<DynamicTest> agreesWithItsReferenceOverAWideVocabulary() {
        return OpChecks.of(List.of(Batch.of(new int[] {2})), UnaryOperator.identity(),
            new OpCase("trained, 33000 words, smoothed", l -> loss(l, l.x("h", 1), l.parameter("w", 33_000, 1), l.parameter("b", 1, 33_000), 0.1)));
    }

    @TestFactory
    Stream<DynamicTest> holdsAtTheEdges() {
        return OpChecks.of(
            new OpCase("two words", l -> loss(l, l.x("h", 5), l.parameter("w", 2, 5), null, 0.1)),
            new OpCase("logits far apart", 2e-6, 1e-5, l -> loss(l, scale(l.x("h", 16), 30), l.frozen("w", 520, 16), null, 0)),
            new OpCase("every label ignored", l -> headCrossEntropy(l.x("h", 6), l.parameter("w", 40, 6), l.parameter("b", 1, 40),
                l.below("label", Batch.TOKENS, 40), scale(l.constant("weight", Batch.TOKENS, 1), 0), 0.1, true)));
    }

    @TestFactory
    Stream<DynamicTest> hasSecondDerivatives() {
        return OpChecks.of(new OpCase("gradient of head_cross_entropy", 2e-6, 1e-5, l -> {
            Value h = l.x("h", 5);
            List<Value> inputs = Arrays.asList(h, l.parameter("w", 7, 5), l.parameter("b", 1, 7), l.below("label", Batch.TOKENS, 7),
                l.constant("weight", Batch.TOKENS, 1));
            return Gradient.of(new HeadCrossEntropy(0.1, true).decompose(inputs).get(0), List.of(h)).get(0);
        }));
    }

    // Half of the rows, those of negative weight, become rows of weight 0.
    private static Value loss(Leaves l, Value h, Value weight, Value bias, double smoothing) {
        Value rowWeight = activate(Activation.RELU, l.constant("weight", Batch.TOKENS, 1));
        return headCrossEntropy(h, weight, bias, l.below("label", Batch.TOKENS, weight.shape().rows()), rowWeight, smoothing, true);
    }

    @Test
    void evaluationGivesTheLossOfTraining() {
        Batch batch = Batch.of(new int[] {150});
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        Value h = l.constant("h", Batch.TOKENS, 13), w = l.frozen("w", 300, 13), label = l.below("label", Batch.TOKENS, 300);
        Value weight = l.constant("weight", Batch.TOKENS, 1);
        graph.output("training", headCrossEntropy(h, w, null, label, weight, 0.1, true));
        graph.output("evaluation", headCrossEntropy(h, w, null, label, weight, 0.1, false));
        onEachDevice(graph, batch, new TestData(1), found -> assertEquals(found.get("training")[0], found.get("evaluation")[0]));
    }

    @Test
    void nothingOfAnIgnoredRowIsRead() {
        Batch batch = Batch.of(new int[] {3});
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        Value h = l.x("h", 2);
        Value loss = graph.output("loss", headCrossEntropy(h, l.frozen("w", 20, 2), null, l.below("label", Batch.TOKENS, 20),
            l.constant("weight", Batch.TOKENS, 1), 0.1, true));
        graph.output("dh", Gradient.of(loss, List.of(h)).get(0));
        TestData data = new TestData(2);
        data.set("h", new double[] {1, 2, Double.NaN, Double.POSITIVE_INFINITY, 3, 4});
        data.set("weight", new double[] {1, 0, 0.5});
        onEachDevice(graph, batch, data, found -> {
            assertTrue(Double.isFinite(found.get("loss")[0]));
            double[] dh = found.get("dh");
            assertTrue(Arrays.stream(dh).allMatch(Double::isFinite) && dh[2] == 0 && dh[3] == 0 && dh[4] != 0, Arrays.toString(dh));
        });
    }

    @Test
    void aHiddenStateThatIsNoNumberShows() {
        Batch batch = Batch.of(new int[] {2});
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        graph.output("loss", headCrossEntropy(l.constant("h", Batch.TOKENS, 2), l.frozen("w", 20, 2), null, l.below("label", Batch.TOKENS, 20),
            l.constant("weight", Batch.TOKENS, 1), 0, false));
        TestData data = new TestData(2);
        data.set("h", new double[] {1, 2, Double.NaN, 1});
        onEachDevice(graph, batch, data, found -> assertTrue(Double.isNaN(found.get("loss")[0])));
    }

    private static void onEachDevice(Graph graph, Batch batch, TestData data, Consumer<Map<String, double[]>> check) {
        for (Device device : TestDevices.of(graph)) {
            check.accept(run(graph, device, batch, data));
        }
    }

    private static Map<String, double[]> run(Graph graph, Device device, Batch batch, TestData data) {
        try (GraphRun run = new GraphRun(graph, device, data, batch)) {
            return run.run(batch, data);
        }
    }

    // Where p is nearly 1 at the label, the terms of the Hessian cancel to a millionth of themselves.
    @Test
    void tangentsOfRowsThatAreAlmostCertainKeepTheirDigits() {
        Batch batch = Batch.of(new int[] {3});
        TestData data = new TestData(5);
        data.set("h", new double[] {14, 0, 0, 0, 14, 0, 0, 0, 14});
        data.set("w", new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1, 0.25, 0.5, -0.5});
        data.set("label", new double[] {0, 1, 2});
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        Value h = graph.output("h", l.x("h", 3));
        graph.output("loss", headCrossEntropy(h, l.frozen("w", 4, 3), null, l.below("label", Batch.TOKENS, 4), l.constant("weight", Batch.TOKENS, 1), 0, true));
        double[] expected = run(alongV(Decomposition.of(graph, DType.F64)), Device.cpu(2), batch, data).get("along");
        onEachDevice(alongV(Decomposition.forTangents(graph)), batch, data, found -> assertClose("dh along v", found.get("along"), expected, 5e-6, 0));
    }

    // Adds the output along: how the gradient by output h of output loss changes along the input v.
    private static Graph alongV(Graph graph) {
        Value h = graph.outputs().get("h");
        List<Value> gradient = Gradient.of(graph.outputs().get("loss"), List.of(h));
        graph.output("along", Tangent.of(gradient, Map.of(h, graph.input("v", h.shape()))).get(0));
        return graph;
    }

    @Test
    void theTangentOfAnIgnoredRowReadsNothing() {
        Batch batch = Batch.of(new int[] {3});
        TestData data = new TestData(2);
        data.set("h", new double[] {1, 2, Double.NaN, Double.POSITIVE_INFINITY, 3, 4});
        data.set("v", new double[] {1, 2, Double.POSITIVE_INFINITY, Double.NaN, 3, 4});
        data.set("weight", new double[] {1, 0, 0.5});
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, batch);
        Value h = graph.output("h", l.x("h", 2));
        graph.output("loss", headCrossEntropy(h, l.frozen("w", 20, 2), null, l.below("label", Batch.TOKENS, 20), l.constant("weight", Batch.TOKENS, 1), 0.1, true));
        onEachDevice(alongV(graph), batch, data, found -> {
            double[] along = found.get("along");
            assertTrue(Arrays.stream(along).allMatch(Double::isFinite) && along[2] == 0 && along[3] == 0 && along[4] != 0, Arrays.toString(along));
        });
    }

    @Test
    void refusesTangentsItHasNot() {
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, Batch.of(new int[] {2}));
        Value h = l.x("h", 2), weight = l.x("weight", 1);
        Value loss = headCrossEntropy(h, l.frozen("w", 20, 2), null, l.below("label", Batch.TOKENS, 20), weight, 0, true);
        assertThrows(NoTangentException.class, () -> Tangent.of(List.of(loss), Map.of(weight, graph.input("v", weight.shape()))));
    }

    @Test
    void refusesGradientsItHasNot() {
        Graph graph = new Graph(1, DType.F32);
        Leaves l = new Leaves(graph, Batch.of(new int[] {2}));
        Value h = l.x("h", 2), w = l.frozen("w", 20, 2), label = l.below("label", Batch.TOKENS, 20), weight = l.x("weight", 1);
        Value evaluation = headCrossEntropy(h, w, null, label, weight, 0, false);
        assertTrue(assertThrows(NoGradientException.class, () -> Gradient.of(evaluation, List.of(h))).getMessage().contains("evaluation"));
        Value training = headCrossEntropy(h, w, null, label, weight, 0, true);
        assertThrows(NoGradientException.class, () -> Gradient.of(training, List.of(weight)));
        assertThrows(IllegalArgumentException.class, () -> headCrossEntropy(h, w, null, label, weight, 1, true));
        assertThrows(IllegalArgumentException.class, () -> headCrossEntropy(h, w, null, label, weight, Double.NaN, true));
    }
}
