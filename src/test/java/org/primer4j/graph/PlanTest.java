package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.Ops.linear;
import static org.primer4j.graph.Ops.tanh;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.engine.Program;

class PlanTest {

    private static final Batch BATCH = Batch.of(new int[] {5}, new int[] {2, 3});

    @Test
    void isAllocatedToTheByte() {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 100), 13));
        graph.output("y", tanh(tanh(x)));
        try (TestStorage storage = new TestStorage(graph)) {
            Plan plan = Plan.of(graph);
            long before = Engine.allocatedBytes();
            try (Program program = Program.compile(plan, storage, Device.cpu(2))) {
                assertEquals(plan.bytes(), Engine.allocatedBytes() - before, "primitives need no scratch");
                assertEquals(plan.bytes(), program.bytes());
            }
            assertEquals(before, Engine.allocatedBytes(), "closing gives all back");
        }
    }

    @Test
    void scratchIsAccountedFor() {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 100), 13));
        graph.output("y", linear(x, graph.parameter("w", 7, 13), null));
        try (TestStorage storage = new TestStorage(graph)) {
            Plan plan = Plan.of(graph);
            long before = Engine.allocatedBytes();
            try (Program program = Program.compile(plan, storage, Device.cpu(2))) {
                assertEquals(program.bytes(), Engine.allocatedBytes() - before);
                assertTrue(program.bytes() > plan.bytes(), "products need scratch");
            }
            assertEquals(before, Engine.allocatedBytes());
        }
    }

    @Test
    void dropsWhatNobodyReads() {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 10), 13));
        Value w = graph.parameter("w", 7, 13);
        // Both leave out the bias and the pre-activation: what is left out on one side is not read on the other.
        Value dead = linear(x, w, null), alive = graph.output("y", linear(x, w, null));
        Plan plan = Plan.of(graph);
        assertFalse(plan.nodes().contains(dead.node()));
        assertTrue(plan.nodes().contains(alive.node()));
        assertEquals(2, plan.slots().size(), "x and y have slots");
    }

    // A kernel that wrote every lane's copy would sum the lanes' rows more than once, or overwrite the second.
    @Test
    void whatLanesShareIsPlacedInTheFirstOnesCopy() {
        Graph graph = new Graph(2, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 5), 3)), w = graph.shared("w", 2, 3);
        // Twice: the sum of both gradients is placed by an elementwise op.
        Value gradient = Gradient.of(Ops.add(linear(x, w, null), linear(tanh(x), w, null)), List.of(w)).get(0);
        Value state = graph.state("g", 6);
        TestData data = new TestData(1);
        try (TestStorage storage = new TestStorage(graph);
            Program program = Program.compile(Plan.of(graph, Map.of(gradient, new Plan.Placement(state, 0))), storage, Device.cpu(2))) {
            storage.write((Leaf) state.node().op(), new double[] {9, 9, 9, 9, 9, 9, 7, 7, 7, 7, 7, 7});
            storage.write((Leaf) w.node().op(), data.reals((Leaf) w.node().op(), BATCH));
            program.setLaneRow(graph.axes().get(0), 0, 2);
            program.setLaneRow(graph.axes().get(0), 1, 3);
            program.input("x").put(0, new float[15]);
            program.run(Stage.COMPUTE);
            assertArrayEquals(new double[] {0, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 7}, storage.read((Leaf) state.node().op()));
        }
    }

    @Test
    void gradientsDoNotSpreadThroughOperandsLeftOut() {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis(Batch.TOKENS, 10), 13)), trained = graph.parameter("a", 13, 13);
        Value moving = linear(x, trained, null), fixed = linear(x, graph.weight("w", 13, 13), null);
        Value y = Ops.add(moving, linear(fixed, graph.weight("u", 13, 13), null));
        int before = graph.nodes().size();
        Gradient.of(y, List.of(trained));
        assertEquals(2, graph.nodes().size() - before, "a seed and one weight gradient");
    }

    @Property(tries = 60)
    void valuesThatLiveTogetherLieApart(@ForAll long seed) {
        Graph graph = random(seed, false);
        Plan plan = Plan.of(graph);
        List<Plan.Slot> slots = plan.slots();
        for (int i = 0; i < slots.size(); i++) {
            assertTrue(slots.get(i).offset() % 64 == 0 && slots.get(i).offset() + slots.get(i).bytes() <= plan.bytes(), "seed " + seed);
            for (int j = 0; j < i; j++) {
                assertFalse(together(graph, plan, slots.get(i), slots.get(j)) && overlap(slots.get(i), slots.get(j)),
                    () -> "seed " + seed + ": " + slots);
            }
        }
    }

    // Reuse of memory does not change results: the same graph with every value kept.
    @Property(tries = 20)
    void reuseOfMemoryDoesNotShow(@ForAll long seed) {
        TestData data = new TestData(seed);
        Map<String, double[]> kept;
        try (GraphRun run = new GraphRun(random(seed, true), 1, data, BATCH)) {
            kept = run.run(BATCH, data);
        }
        try (GraphRun run = new GraphRun(random(seed, false), 1, data, BATCH)) {
            run.run(BATCH, data).forEach((name, value) -> assertArrayEquals(kept.get(name), value, "seed " + seed + ", " + name));
        }
    }

    private static Graph random(long seed, boolean keepAll) {
        Random random = new Random(seed);
        Graph graph = new Graph(2, DType.F32);
        Axis axis = graph.axis(Batch.TOKENS, 24);
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            values.add(graph.input("x" + i, Shape.along(axis, 1 + random.nextInt(20))));
        }
        for (int i = 0; i < 40; i++) {
            values.add(next(random, values));
            boolean named = random.nextInt(12) == 0;
            if (keepAll || named) {
                graph.output("y" + i, values.get(values.size() - 1));
            }
        }
        graph.output("last", values.get(values.size() - 1));
        return graph;
    }

    private static Value next(Random random, List<Value> values) {
        Value x = values.get(random.nextInt(values.size()));
        return switch (random.nextInt(4)) {
            case 0 -> tanh(x);
            case 1 -> Ops.add(x, values.stream().filter(v -> v.shape().equals(x.shape())).reduce((a, b) -> b).orElseThrow());
            case 2 -> Ops.broadcastCols(Ops.sumCols(tanh(x)), 1 + random.nextInt(20));
            default -> Ops.mul(tanh(x), x);
        };
    }

    private static boolean together(Graph graph, Plan plan, Plan.Slot a, Plan.Slot b) {
        return first(a) <= last(graph, plan, b) && first(b) <= last(graph, plan, a);
    }

    private static int first(Plan.Slot slot) {
        return slot.value().node().op() instanceof Leaf ? -1 : slot.value().node().id();
    }

    private static int last(Graph graph, Plan plan, Plan.Slot slot) {
        if (slot.value().node().op() instanceof Leaf || graph.outputs().containsValue(slot.value())) {
            return graph.nodes().size();
        }
        return plan.nodes().stream().filter(n -> n.inputs().contains(slot.value())).mapToInt(Node::id).max().orElse(first(slot));
    }

    private static boolean overlap(Plan.Slot a, Plan.Slot b) {
        return a.offset() < b.offset() + b.bytes() && b.offset() < a.offset() + a.bytes();
    }
}
