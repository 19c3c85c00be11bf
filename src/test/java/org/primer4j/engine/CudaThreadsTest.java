package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.TestStorage;
import org.primer4j.graph.Value;

/** One device, several threads: a JVM of its own on the emulated device, whose captures take their time to begin. */
class CudaThreadsTest {

    private static final int BUCKETS = 8, GRAIN = 64;

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    /** Twice its input, with a graph for each bucket of rows. */
    private static final class Twice implements AutoCloseable {

        private final Graph graph = new Graph(1, DType.F32);
        private final Axis tokens = graph.axis("tokens", BUCKETS * GRAIN);
        private final Value y = graph.output("y", Ops.scale(graph.input("x", Shape.along(tokens, 1)), 2));
        private final TestStorage storage = new TestStorage(graph);
        private final Program program = Program.compile(Plan.of(graph), storage, Device.cuda(0));

        void check(int rows, float value) {
            float[] x = new float[rows], result = new float[rows], expected = new float[rows];
            Arrays.fill(x, value);
            Arrays.fill(expected, 2 * value);
            program.setRows(tokens, rows);
            program.input("x").put(0, x);
            program.run(Stage.COMPUTE);
            program.read(y, result);
            require(Arrays.equals(expected, result), "a run of " + rows + " rows");
        }

        @Override
        public void close() {
            program.close();
            storage.close();
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what + " came out wrong");
        }
    }

    private static void memory(int round) {
        float[] numbers = {round, 1, 2, 3};
        try (Memory first = new Memory(Device.cuda(0), 16, "first"); Memory second = new Memory(Device.cuda(0), 16, "second")) {
            first.write(0, numbers);
            second.copyFrom(first, 0, 0, 16);
            first.zero(0, 8);
            require(Arrays.equals(numbers, second.readFloats(0, 4)), "a copy");
            require(Arrays.equals(new float[] {0, 0, 2, 3}, first.readFloats(0, 4)), "zeros");
        }
    }

    /** A thread that captures graph upon graph, one that uses memory and one that makes programs and runs them meanwhile. */
    static final class Beside {

        private static final List<String> FAILURES = new ArrayList<>();
        private static volatile boolean over;

        private interface Round {

            void run(int number);
        }

        private static Thread repeat(String name, Round round) {
            Thread thread = new Thread(() -> {
                try {
                    for (int i = 0; !over; i++) {
                        round.run(i);
                    }
                } catch (RuntimeException e) {
                    synchronized (FAILURES) {
                        FAILURES.add(name + ": " + e.getMessage());
                    }
                }
            });
            thread.start();
            return thread;
        }

        private static void capture() {
            for (int round = 0; round < 3; round++) {
                try (Twice twice = new Twice()) {
                    for (int bucket = 1; bucket <= BUCKETS; bucket++) {
                        twice.check(bucket * GRAIN, bucket);
                    }
                }
            }
        }

        public static void main(String[] args) throws InterruptedException {
            List<Thread> others = List.of(repeat("memory", CudaThreadsTest::memory), repeat("program", i -> {
                try (Twice twice = new Twice()) {
                    twice.check(3, i);
                    twice.check(3, i + 1);
                }
            }));
            try {
                capture();
            } catch (RuntimeException e) {
                FAILURES.add("captures: " + e.getMessage());
            }
            over = true;
            for (Thread other : others) {
                other.join();
            }
            FAILURES.forEach(System.out::println);
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void aCaptureKeepsOtherThreadsCallsOut() {
        assertEquals(List.of("held: 0"), lines(Map.of("PRIMER_EMULATED_SLOW_CAPTURE", "10"), Beside.class));
    }

    /** A call of a capture is refused: that ends the capture, not the device. */
    static final class Refused {

        public static void main(String[] args) {
            try (Twice twice = new Twice()) {
                try {
                    twice.check(3, 1);
                } catch (EngineException e) {
                    System.out.println(e.getMessage());
                }
                twice.check(3, 2);
                memory(1);
            }
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void anErrorInACaptureEndsTheCapture() {
        assertEquals(List.of("scale: launch: invalid value", "held: 0"), lines(Map.of("PRIMER_EMULATED_REFUSED_CAPTURE", "0"), Refused.class));
    }

    private static List<String> lines(Map<String, String> environment, Class<?> main) {
        EmulatedCuda run = EmulatedCuda.run(environment, main);
        assertEquals(0, run.status(), run.err());
        return run.out().lines().toList();
    }
}
