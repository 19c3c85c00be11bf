package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.TestStorage;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Optimize;

/** Runs that follow each other on a CUDA device without a wait of the host's between them: a JVM of its own on the emulated device. */
class CudaBatchesTest {

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    private static List<String> lines(Map<String, String> environment, Class<?> main) {
        EmulatedCuda run = EmulatedCuda.run(environment, main);
        assertEquals(0, run.status(), run.err());
        return run.out().lines().toList();
    }

    /** Adds up batches 1 to 8. */
    static final class Sum {

        private static final int SIZE = 5, BATCHES = 8;

        public static void main(String[] args) {
            Device device = Device.cuda(0);
            Graph graph = new Graph(1, DType.F32);
            Value sum = graph.state("sum", SIZE), x = graph.input("x", Shape.laned(1, SIZE)), first = graph.laneIntegers("first", 1);
            graph.add(new Optimize.Accumulate(), sum, x, first);
            try (TestStorage storage = new TestStorage(graph, device); Program program = Program.compile(Plan.of(graph), storage, device)) {
                float[] batch = new float[SIZE];
                for (int i = 1; i <= BATCHES; i++) {
                    Arrays.fill(batch, i);
                    program.input("x").put(0, batch);
                    program.input("first").put(0, i == 1 ? 1 : 0);
                    program.run(Stage.COMPUTE);
                }
                System.out.println(Arrays.toString(storage.read((Leaf) sum.node().op())));
            }
        }
    }

    // The first stream computes, the second brings batches; the bits of those that are late.
    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3"})
    void eachRunHasItsBatchWhicheverStreamIsLate(String late) {
        assertEquals(List.of("[36.0, 36.0, 36.0, 36.0, 36.0]"), lines(Map.of("PRIMER_EMULATED_LATE_STREAMS", late), Sum.class));
    }

    /** As many graphs as are kept, the first used again, one more: then the device has no memory for another. */
    static final class Graphs {

        private static final int KEPT = 256, GRAIN = 64, BUCKETS = 8;

        private final Graph graph = new Graph(1, DType.F32);
        private final List<Axis> axes = List.of(graph.axis("a", BUCKETS * GRAIN), graph.axis("b", BUCKETS * GRAIN), graph.axis("c", BUCKETS * GRAIN));
        private final Program program;

        Graphs() {
            for (Axis axis : axes) {
                graph.output(axis.name(), Ops.scale(graph.input("x" + axis.name(), Shape.along(axis, 1)), 2));
            }
            program = Program.compile(Plan.of(graph), null, Device.cuda(0));
        }

        private void run(int bucket) {
            for (int a = 0, rest = bucket; a < axes.size(); a++, rest /= BUCKETS) {
                program.setRows(axes.get(axes.size() - 1 - a), GRAIN * (1 + rest % BUCKETS));
            }
            program.run(Stage.COMPUTE);
        }

        public static void main(String[] args) {
            Graphs graphs = new Graphs();
            for (int i = 0; i < KEPT; i++) {
                graphs.run(i);
            }
            graphs.run(0);
            graphs.run(KEPT);
            graphs.run(0);
            graphs.run(KEPT - 1);
            try {
                graphs.run(1);
            } catch (EngineException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void theGraphThatWasNotUsedForLongestMakesRoom() {
        assertEquals(List.of("instantiate a graph: out of memory"), lines(Map.of("PRIMER_EMULATED_GRAPH_WITHOUT_MEMORY", "257"), Graphs.class));
    }
}
