package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.natives.Natives;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;

/**
 * That {@code mvn verify -Psanitize}, which alone runs this class, sees what it should: bugs planted in kernels (src/test/cpp/planted_bugs.cu) and,
 * within a JVM, a program of either backend whose weight is no more.
 */
class SanitizerReports {

    /** A program's only weight, whose memory the test gives back. */
    private record OneWeight(Memory memory) implements Storage {

        @Override
        public Memory memory(Leaf leaf, Packing packing, WeightType type) {
            return memory;
        }

        @Override
        public long offset(Leaf leaf) {
            return 0;
        }

        @Override
        public long laneStride(Leaf leaf) {
            return 0;
        }
    }

    /** Looks up a row of a table that is no more. */
    static final class UseAfterFree {

        private static final int ROWS = 8, WIDTH = 64;

        public static void main(String[] args) {
            Device device = Device.of(args[0], 1);
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", 4);
            Value ids = graph.indices("ids", tokens, new IndexLimits.Below(ROWS));
            graph.output("y", Ops.embedding(graph.weight("word", ROWS, WIDTH), null, null, ids, null, null));
            Memory table = new Memory(device, (long) ROWS * WIDTH * Float.BYTES, "table");
            try (Program program = Program.compile(Plan.of(graph), new OneWeight(table), device)) {
                program.setRows(tokens, 1);
                program.input("ids").put(0, ROWS - 1);
                // Past Java, which would say so itself.
                Natives.primer_free(device.handle(), table.address(), table.bytes());
                program.run(Stage.COMPUTE);
                System.out.println("it goes on");
            }
        }
    }

    private static EmulatedCuda planted(String... words) throws IOException, InterruptedException {
        Path program = Path.of(EmulatedCuda.library()).resolveSibling("primer_planted_bugs");
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new EmulatedCuda(process.waitFor(), out, "");
    }

    @ParameterizedTest
    @CsvSource({
        "read_global, read_global, AddressSanitizer: heap-buffer-overflow",
        "write_global, write_global, AddressSanitizer: heap-buffer-overflow",
        "read_neighbour, read_global, AddressSanitizer: use-after-poison",
        "read_dynamic_shared, read_dynamic_shared, AddressSanitizer: heap-buffer-overflow",
        "read_static_shared, read_static_shared, index 32 out of bounds",
        "write_local, write_local, AddressSanitizer: stack-buffer-overflow",
        "load_vector, load_vector, misaligned address",
        "use_after_free, read_global, AddressSanitizer: heap-use-after-free"})
    void aBugInAKernelEndsTheProcessWithAReport(String bug, String kernel, String report) throws Exception {
        EmulatedCuda sound = planted(bug, "sound");
        assertEquals(0, sound.status(), sound.out());
        EmulatedCuda run = planted(bug);
        assertNotEquals(0, run.status(), run.out());
        assertTrue(run.out().contains(report) && run.out().contains(" in " + kernel), run.out());
        assertFalse(run.out().contains("it went on"), run.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void memoryThatIsNoMoreEndsTheProcessWithAReport(String device) {
        EmulatedCuda run = EmulatedCuda.run(Map.of(), UseAfterFree.class, device);
        assertNotEquals(0, run.status(), run.out());
        assertTrue(run.err().contains("ERROR: AddressSanitizer: heap-use-after-free") && run.err().contains("embedding"), run.err());
    }
}
