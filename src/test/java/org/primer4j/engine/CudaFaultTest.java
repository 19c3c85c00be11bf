package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** What a CUDA device's errors leave: each in a JVM of its own, on the emulated device. */
class CudaFaultTest {

    private static final String DEVICE = "cuda:0 (emulated on the host, compute capability 9.0, %d MiB, cuBLASLt 13.1.1)";

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    /** A program of one op, and what it says. */
    private static final class Run {

        private final Graph graph = new Graph(1, DType.F32);
        private final Axis tokens = graph.axis("tokens", 4);
        private final Value y = graph.output("y", Ops.gelu(graph.input("x", Shape.along(tokens, 3))));
        private final TestStorage storage = new TestStorage(graph);
        private final Program program;

        Run(Device device) {
            program = Program.compile(Plan.of(graph), storage, device);
            program.setRows(tokens, 2);
            program.input("x").put(0, new float[] {1, 2, 3, 4, 5, 6});
        }

        void run() {
            program.run(Stage.COMPUTE);
        }

        /** Gelu of 5 in hundredths. */
        String read() {
            return String.valueOf(Math.round(100 * program.read(y, 4)));
        }

        void close() {
            program.close();
            storage.close();
        }
    }

    // An outcome is one line: what came back, or the exception.
    private static void say(String what, Runnable call) {
        try {
            call.run();
            System.out.println(what + ": done");
        } catch (RuntimeException e) {
            System.out.println(what + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private static List<String> lines(Map<String, String> environment, Class<?> main) {
        EmulatedCuda run = EmulatedCuda.run(environment, main);
        assertEquals(0, run.status(), run.err());
        return run.out().lines().toList();
    }

    /** A kernel goes astray in the second run. */
    static final class FaultyKernel {

        public static void main(String[] args) {
            Device device = Device.cuda(0);
            Run run = new Run(device);
            Memory memory = new Memory(device, 64, "block");
            run.run();
            System.out.println("first: " + run.read());
            say("second", run::run);
            say("third", run::run);
            say("read", run::read);
            say("memory", () -> new Memory(device, 64, "block"));
            say("write", () -> memory.write(0, new float[2]));
            say("program", () -> new Run(device));
            run.close();
            memory.close();
            Run cpu = new Run(Device.cpu(1));
            cpu.run();
            System.out.println("cpu: " + cpu.read());
            cpu.close();
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void aFaultEndsTheDeviceAndNothingElse() {
        String ended = "the device cuda:0 has ended by a fault (an illegal memory access was encountered); start the process anew, or use the CPU";
        assertEquals(List.of("first: 500", "second: EngineException: run: an illegal memory access was encountered", "third: EngineException: " + ended,
            "read: EngineException: arena (192 bytes): " + ended, "memory: EngineException: block: " + ended,
            "write: EngineException: block (64 bytes): " + ended, "program: EngineException: " + ended, "cpu: 500", "held: 0"),
            lines(Map.of("PRIMER_EMULATED_FAULTY_LAUNCH", "1"), FaultyKernel.class));
    }

    /** The device has no memory for a graph; the next run makes it. */
    static final class GraphWithoutMemory {

        public static void main(String[] args) {
            Run run = new Run(Device.cuda(0));
            say("first", run::run);
            say("second", run::run);
            System.out.println("second: " + run.read());
            run.close();
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void memoryThatIsShortInARunEndsThatRunAlone() {
        assertEquals(List.of("first: EngineException: instantiate a graph: out of memory", "second: done", "second: 500", "held: 0"),
            lines(Map.of("PRIMER_EMULATED_GRAPH_WITHOUT_MEMORY", "0"), GraphWithoutMemory.class));
    }

    /** A plan of 64 MiB, half of it input, of which two batches more come to the device, and 16 MiB for what CUDA takes. */
    static final class PlanAndItsRuns {

        public static void main(String[] args) {
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", 1 << 15);
            graph.output("y", Ops.gelu(graph.input("x", Shape.along(tokens, 256))));
            say("plan", () -> {
                TestStorage storage = new TestStorage(graph);
                Program program = Program.compile(Plan.of(graph), storage, Device.cuda(0));
                program.setRows(tokens, 1 << 15);
                program.run(Stage.COMPUTE);
                program.run(Stage.COMPUTE);
                program.close();
                storage.close();
            });
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void aPlanWhoseRunsDoNotFitIsRefusedBeforeTheyBegin() {
        List<String> refused = lines(Map.of("PRIMER_EMULATED_MEMORY", String.valueOf(140 << 20)), PlanAndItsRuns.class);
        assertEquals("plan: EngineException: the plan needs 144 MiB, and " + DEVICE.formatted(140) + " has 140 MiB; its largest values are ",
            refused.get(0).substring(0, refused.get(0).indexOf("are ") + 4));
        assertEquals("held: 0", refused.get(1));
        assertEquals(List.of("plan: done", "held: 0"), lines(Map.of("PRIMER_EMULATED_MEMORY", String.valueOf(146 << 20)), PlanAndItsRuns.class));
    }

    /** Blocks that are too small for a look at the free memory, and a plan that is not. */
    static final class SmallDevice {

        private static final long BLOCK = 50L << 20;

        public static void main(String[] args) {
            Device device = Device.cuda(0);
            Memory first = new Memory(device, BLOCK, "first");
            say("second", () -> new Memory(device, BLOCK, "second"));
            first.close();
            say("again", () -> new Memory(device, BLOCK, "again").close());
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", 1 << 16);
            graph.output("y", Ops.gelu(graph.input("x", Shape.along(tokens, 256))));
            say("plan", () -> Program.compile(Plan.of(graph), new TestStorage(graph), device));
            System.out.println("held: " + Engine.allocatedBytes());
        }
    }

    @Test
    void aPlanThatDoesNotFitIsRefusedWithItsLargestValues() {
        List<String> lines = lines(Map.of("PRIMER_EMULATED_MEMORY", String.valueOf(80 << 20)), SmallDevice.class);
        assertEquals("second: EngineException: second: allocate: the device has no memory left for 52428864 bytes; 31457216 are free", lines.get(0));
        assertEquals("again: done", lines.get(1));
        String plan = lines.get(2);
        assertEquals("plan: EngineException: the plan needs 128 MiB, and " + DEVICE.formatted(80) + " has 80 MiB; its largest values are ",
            plan.substring(0, plan.indexOf("are ") + 4));
        assertEquals("held: 0", lines.get(3));
    }
}
