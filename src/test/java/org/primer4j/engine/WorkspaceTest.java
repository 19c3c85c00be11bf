package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;

/** Programs that take turns in one memory. */
class WorkspaceTest {

    private static final int CAPACITY = 12, COLS = 4;

    /** The input times a factor, or its attention over itself, which needs scratch. */
    private static final class Turn implements AutoCloseable {

        private final Value result;
        private final Plan plan;
        private Program program;

        Turn(double factor) {
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", CAPACITY);
            result = graph.output("y", Ops.scale(graph.input("x", Shape.along(tokens, COLS)), factor));
            plan = Plan.of(graph);
        }

        Turn() {
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", CAPACITY), sequences = graph.axis("sequences", 2);
            Value x = graph.input("x", Shape.along(tokens, COLS));
            result = graph.output("y", Ops.attention(x, x, x, graph.offsets("offsets", sequences, tokens, CAPACITY), 1));
            plan = Plan.of(graph);
        }

        Turn compiled(Workspace workspace) {
            program = Program.compile(plan, null, Device.cpu(2), workspace);
            return this;
        }

        // All rows are alike, and so is any mixture of them.
        float[] run(int rows, float value) {
            float[] x = new float[rows * COLS];
            Arrays.fill(x, value);
            program.setRows(plan.graph().axes().get(0), rows);
            program.input("x").put(0, x);
            if (program.hasInput("offsets")) {
                program.setRows(plan.graph().axes().get(1), 1);
                program.input("offsets").put(0, new int[] {0, rows}, 2);
            }
            return result();
        }

        float[] result() {
            program.run(Stage.COMPUTE);
            float[] y = new float[CAPACITY * COLS];
            program.read(result, y);
            return Arrays.copyOf(y, 3 * COLS);
        }

        @Override
        public void close() {
            program.close();
        }
    }

    private static float[] threeRowsOf(float value) {
        float[] rows = new float[3 * COLS];
        Arrays.fill(rows, value);
        return rows;
    }

    @Test
    void programsTakeTurns() {
        Turn twice = new Turn(2), attention = new Turn();
        long arena = Math.max(twice.plan.bytes(), attention.plan.bytes());
        try (Workspace workspace = new Workspace(Device.cpu(1), arena)) {
            assertEquals(arena, workspace.bytes());
            try (Turn first = twice.compiled(workspace); Turn second = attention.compiled(workspace)) {
                assertEquals(0, first.program.bytes() + second.program.bytes());
                assertTrue(workspace.bytes() > arena, "attention needs scratch");
                assertArrayEquals(threeRowsOf(6), first.run(3, 3));
                assertArrayEquals(threeRowsOf(5), second.run(7, 5), 1e-6f);
                assertArrayEquals(threeRowsOf(8), first.run(4, 4));
            }
            try (Turn third = new Turn(3).compiled(workspace)) {
                assertArrayEquals(threeRowsOf(6), third.run(3, 2), "programs leave the memory to others when they are closed");
            }
        }
    }

    // What another program has left in the table of rows does not count.
    @Test
    void aProgramKeepsItsNumbersOfRows() {
        Turn narrow = new Turn(2), wide = new Turn(3);
        try (Workspace workspace = new Workspace(Device.cpu(1), narrow.plan.bytes()); Turn first = narrow.compiled(workspace); Turn second = wide.compiled(workspace)) {
            first.run(3, 1);
            second.run(1, 1);
            float[] x = threeRowsOf(7);
            first.program.input("x").put(0, x);
            assertArrayEquals(threeRowsOf(14), first.result());
        }
    }

    @Test
    void refusesAPlanThatDoesNotFit() {
        long before = Engine.allocatedBytes();
        Turn turn = new Turn(2);
        try (Workspace small = new Workspace(Device.cpu(1), turn.plan.bytes() - 1)) {
            assertThrows(IllegalArgumentException.class, () -> turn.compiled(small));
        }
        assertEquals(before, Engine.allocatedBytes());
    }

    // Each would write over what was checked of the other's batch.
    @Test
    void twoProgramsDoNotRunAtATime() {
        Turn turn = new Turn(2);
        try (Workspace workspace = new Workspace(Device.cpu(1), turn.plan.bytes()); Turn program = turn.compiled(workspace)) {
            workspace.hold();
            assertThrows(IllegalStateException.class, () -> program.run(3, 1));
            workspace.letGo();
            assertArrayEquals(threeRowsOf(2), program.run(3, 1));
        }
    }

    @Test
    @Timeout(30)
    void aRunKeepsItsScratchUntilItIsOver() throws InterruptedException {
        try (Workspace workspace = new Workspace(Device.cpu(1), 64)) {
            workspace.hold();
            long address = workspace.scratch().address();
            Thread compiling = new Thread(() -> workspace.reserve(64, 128));
            compiling.start();
            while (!workspace.scratch().isClosed()) {
                Thread.sleep(1);
            }
            assertEquals(address, workspace.scratch().address());
            workspace.letGo();
            compiling.join();
            assertEquals(64 + 128, workspace.bytes());
        }
    }

    @Test
    void aProgramDoesNotRunInWhatWasClosed() {
        Workspace workspace = new Workspace(Device.cpu(1), new Turn(2).plan.bytes());
        try (Turn turn = new Turn(2).compiled(workspace)) {
            turn.run(3, 1);
            workspace.close();
            assertThrows(IllegalStateException.class, () -> turn.program.input("x").put(0, 1f));
            assertThrows(IllegalStateException.class, () -> turn.program.run(Stage.COMPUTE));
            assertThrows(IllegalStateException.class, () -> turn.program.read(turn.result, 0));
            assertThrows(IllegalStateException.class, () -> new Turn(2).compiled(workspace));
        }
    }
}
