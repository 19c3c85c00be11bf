package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

/** That {@code mvn verify -Psanitize}, which alone runs this class, sees a kernel of either backend read what is not its own. */
class SanitizerReports {

    /** A program's only weight, in a block of memory that has one row too few. */
    private record ShortTable(Memory memory) implements Storage {

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

    /** Looks up the row that is not there. */
    static final class StrayRead {

        private static final int ROWS = 8, WIDTH = 64;

        public static void main(String[] args) {
            Device device = Device.of(args[0], 1);
            Graph graph = new Graph(1, DType.F32);
            Axis tokens = graph.axis("tokens", 4);
            Value ids = graph.indices("ids", tokens, new IndexLimits.Below(ROWS));
            graph.output("y", Ops.embedding(graph.weight("word", ROWS, WIDTH), null, null, ids, null, null));
            try (Memory table = new Memory(device, (ROWS - 1L) * WIDTH * Float.BYTES, "table");
                 Program program = Program.compile(Plan.of(graph), new ShortTable(table), device)) {
                program.setRows(tokens, 1);
                program.input("ids").put(0, ROWS - 1);
                program.run(Stage.COMPUTE);
                System.out.println("it goes on");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void aStrayReadEndsTheProcessWithAReport(String device) {
        EmulatedCuda run = EmulatedCuda.run(Map.of(), StrayRead.class, device);
        assertNotEquals(0, run.status(), run.out());
        assertTrue(run.err().contains("ERROR: AddressSanitizer: heap-buffer-overflow") && run.err().contains("embedding"), run.err());
    }
}
