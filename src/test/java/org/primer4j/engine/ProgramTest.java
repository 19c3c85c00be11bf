package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.Ops.gelu;
import static org.primer4j.graph.Ops.meanPool;
import static org.primer4j.graph.Ops.tanh;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Stage;
import org.primer4j.graph.TestStorage;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.GatherRows;
import org.primer4j.graph.ops.PairProducts;
import org.primer4j.graph.ops.PrefixRows;

/** Wrong use of a program gives exceptions, never a crash. */
class ProgramTest {

    private static final int CAPACITY = 10;

    private final Graph graph = new Graph(2, DType.F32);
    private final Axis tokens = graph.axis("tokens", CAPACITY);
    private final Axis sequences = graph.axis("sequences", 4);
    private final Value x = graph.input("x", Shape.along(tokens, 3));
    private final Value offsets = graph.offsets("offsets", sequences, tokens, 5);
    private final Value pooled = graph.output("pooled", meanPool(gelu(x), offsets));
    private final Value picked = graph.output("picked", GatherRows.of(x, graph.indices("rows", sequences, new IndexLimits.RowOf(tokens))));

    // Lane 0 has sequences of 3 and 2 rows, lane 1 one of 4.
    private static void fill(Program program) {
        program.setLaneRow(program.plan().graph().axes().get(0), 0, 5);
        program.setLaneRow(program.plan().graph().axes().get(0), 1, 4);
        program.setLaneRow(program.plan().graph().axes().get(1), 0, 2);
        program.setLaneRow(program.plan().graph().axes().get(1), 1, 1);
        program.input("offsets").put(0, new int[] {0, 3, 5, 9}, 4);
        program.input("rows").put(0, new int[] {0, 4, 8}, 3);
        program.input("x").put(0, new float[27]);
    }

    private <T extends Throwable> T refused(Class<T> type, Consumer<Program> change) {
        try (TestStorage storage = new TestStorage(graph); Program program = Program.compile(Plan.of(graph), storage, Device.cpu(2))) {
            fill(program);
            program.run(Stage.COMPUTE);
            return assertThrows(type, () -> {
                change.accept(program);
                program.run(Stage.COMPUTE);
            });
        }
    }

    private void refusedIndex(String input, int at, int value, String part) {
        String message = refused(IllegalArgumentException.class, p -> p.input(input).put(at, value)).getMessage();
        assertTrue(message.contains(input + "[") && message.contains(part), message);
    }

    @Test
    void checksEveryIndex() {
        for (int bad : new int[] {-1, 5, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refusedIndex("rows", 0, bad, "outside [0, 5)");
        }
        refusedIndex("rows", 2, 4, "outside [5, 9)");
    }

    @Test
    void checksOffsets() {
        refusedIndex("offsets", 0, 1, "not the bounds");
        refusedIndex("offsets", 3, 8, "not the bounds");
        refusedIndex("offsets", 1, 0, "segment of 0 rows");
        refusedIndex("offsets", 1, 6, "segment of 6 rows");
        refusedIndex("offsets", 1, -3, "segment of -3 rows");
        refusedIndex("offsets", 1, Integer.MAX_VALUE, "segment of");
        refusedIndex("offsets", 2, 4, "not the bounds");
    }

    @Test
    void checksRows() {
        assertEquals("lane 0 cannot have -1 rows: axis tokens<=10 holds 10 more",
            refused(IllegalArgumentException.class, p -> p.setLaneRow(tokens, 0, -1)).getMessage());
        refused(IllegalArgumentException.class, p -> p.setLaneRow(tokens, 1, 6));
        refused(IllegalArgumentException.class, p -> p.setLaneRow(tokens, 0, Integer.MAX_VALUE));
        refused(IndexOutOfBoundsException.class, p -> p.setLaneRow(tokens, 2, 1));
        refused(IndexOutOfBoundsException.class, p -> p.setLaneRow(tokens, -1, 1));
        Axis foreign = new Graph(1, DType.F32).axis("tokens", 1000);
        assertTrue(refused(IllegalArgumentException.class, p -> p.setLaneRow(foreign, 0, 1000)).getMessage().contains("no axis"));
        assertTrue(refused(IllegalStateException.class, p -> p.setRows(tokens, 10)).getMessage().contains("were not"));
    }

    @Test
    void checksInputs() {
        assertTrue(refused(IllegalArgumentException.class, p -> p.input("z")).getMessage().contains("no input z"));
        refused(IllegalArgumentException.class, p -> p.input("x").put(0, 1));
        refused(IllegalArgumentException.class, p -> p.input("x").put(0, 1.0));
        refused(IllegalArgumentException.class, p -> p.input("rows").put(0, 1f));
        refused(IllegalArgumentException.class, p -> p.input("rows").put(0, 1.0));
        refused(IndexOutOfBoundsException.class, p -> p.input("x").put(-1, 1f));
        refused(IndexOutOfBoundsException.class, p -> p.input("x").put(p.input("x").capacity(), 1f));
        refused(RuntimeException.class, p -> p.input("x").put(0, new float[p.input("x").capacity() + 1]));
    }

    @Test
    void checksReads() {
        refused(IllegalArgumentException.class, p -> p.read(x, new float[1]));
        refused(IllegalArgumentException.class, p -> p.read(pooled, new double[1]));
        refused(IndexOutOfBoundsException.class, p -> p.read(pooled, -1));
        refused(IndexOutOfBoundsException.class, p -> p.read(pooled, 1 << 20));
        refused(ArithmeticException.class, p -> p.read(pooled, 1 << 30));
        refused(RuntimeException.class, p -> p.read(picked, new float[1 << 20]));
        refused(IllegalArgumentException.class, p -> p.profile(new double[1], Stage.COMPUTE));
    }

    @Test
    void saysWhereItWasClosed() {
        try (TestStorage storage = new TestStorage(graph)) {
            Program program = Program.compile(Plan.of(graph), storage, Device.cpu(1));
            fill(program);
            InputBuffer input = program.input("x");
            program.close();
            program.close();
            assertTrue(program.isClosed());
            assertNotNull(assertThrows(IllegalStateException.class, () -> program.run(Stage.COMPUTE)).getCause());
            assertThrows(IllegalStateException.class, () -> program.read(pooled, new float[1]));
            assertThrows(IllegalStateException.class, () -> input.put(0, 1f));
            assertThrows(IllegalStateException.class, () -> program.setLaneRow(tokens, 0, 1));
        }
    }

    @Test
    void refusesToRunOverClosedMemory() {
        Graph trained = new Graph(1, DType.F32);
        trained.output("y", tanh(trained.parameter("p", 2, 3)));
        TestStorage storage = new TestStorage(trained);
        try (Program program = Program.compile(Plan.of(trained), storage, Device.cpu(1))) {
            program.run(Stage.COMPUTE);
            storage.close();
            assertThrows(IllegalStateException.class, () -> program.run(Stage.COMPUTE));
        }
    }

    @Test
    void refusesABlockThatIsTooSmallForItsLeaf() {
        Graph trained = new Graph(2, DType.F32);
        trained.output("y", tanh(trained.parameter("p", 2, 3)));
        Memory small = new Memory(24, "small");
        Storage storage = new Storage() {
            @Override
            public Memory memory(Leaf leaf, Packing packing, WeightType type) {
                return small;
            }

            @Override
            public long offset(Leaf leaf) {
                return 0;
            }

            @Override
            public long laneStride(Leaf leaf) {
                return 24;
            }
        };
        try (small) {
            assertThrows(IllegalArgumentException.class, () -> Program.compile(Plan.of(trained), storage, Device.cpu(1)));
        }
    }

    @Test
    void refusesWhatDoesNotFitIntoMemoryAndKeepsNothing() {
        Graph huge = new Graph(1, DType.F32);
        Value wide = huge.input("x", Shape.along(huge.axis("tokens", Integer.MAX_VALUE), 1 << 20));
        huge.output("y", gelu(wide));
        long before = Engine.allocatedBytes();
        try (TestStorage storage = new TestStorage(huge)) {
            assertThrows(EngineException.class, () -> Program.compile(Plan.of(huge), storage, Device.cpu(1)));
        }
        assertEquals(before, Engine.allocatedBytes());
    }

    @Test
    void pairsMustBeAsManyAsTheSequencesHave() {
        Graph graph = new Graph(1, DType.F32);
        Axis tokens = graph.axis("tokens", 8), sequences = graph.axis("sequences", 4), pairs = graph.axis("pairs", 64);
        Value x = graph.input("x", Shape.along(tokens, 4));
        Value offsets = graph.offsets("offsets", sequences, tokens, 8);
        graph.output("scores", PairProducts.scores(new PairProducts.Cut(2, false, offsets, offsets), pairs, x, x));
        try (TestStorage storage = new TestStorage(graph); Program program = Program.compile(Plan.of(graph), storage, Device.cpu(1))) {
            program.setRows(tokens, 5);
            program.setRows(sequences, 2);
            program.input("offsets").put(0, new int[] {0, 2, 5}, 3);
            program.setRows(pairs, 12);
            IllegalArgumentException problem = assertThrows(IllegalArgumentException.class, () -> program.run(Stage.COMPUTE));
            assertTrue(problem.getMessage().contains("13"), problem.getMessage());
            program.setRows(pairs, 13);
            program.run(Stage.COMPUTE);
        }
    }

    @Test
    void causalAttentionNeedsAKeyForEachQuery() {
        Graph graph = new Graph(1, DType.F32);
        Axis queries = graph.axis("queries", 8), keys = graph.axis("keys", 8), sequences = graph.axis("sequences", 4);
        Value q = graph.input("q", Shape.along(queries, 4)), k = graph.input("k", Shape.along(keys, 4));
        Value queryOffsets = graph.offsets("query_offsets", sequences, queries, 8), keyOffsets = graph.offsets("key_offsets", sequences, keys, 8);
        graph.output("o", Ops.attention(new Attention(2, true, 1, null), q, k, k, queryOffsets, keyOffsets, null, null));
        try (TestStorage storage = new TestStorage(graph); Program program = Program.compile(Plan.of(graph), storage, Device.cpu(1))) {
            program.setRows(queries, 5);
            program.setRows(keys, 6);
            program.setRows(sequences, 2);
            program.input("query_offsets").put(0, new int[] {0, 2, 5}, 3);
            program.input("key_offsets").put(0, new int[] {0, 4, 6}, 3);
            IllegalArgumentException problem = assertThrows(IllegalArgumentException.class, () -> program.run(Stage.COMPUTE));
            assertEquals("sequence 1 has 3 queries and 2 keys: causal attention needs a key for each query", problem.getMessage());
            program.input("key_offsets").put(1, 3);
            program.run(Stage.COMPUTE);
        }
    }

    @Test
    void pairsOfCausalAndRectangularProductsAreCounted() {
        for (boolean causal : new boolean[] {false, true}) {
            Graph graph = new Graph(2, DType.F32);
            Axis queries = graph.axis("queries", 8), keys = graph.axis("keys", 9), sequences = graph.axis("sequences", 4), pairs = graph.axis("pairs", 64);
            Value q = graph.input("q", Shape.along(queries, 4)), k = graph.input("k", Shape.along(keys, 4));
            Value queryOffsets = graph.offsets("query_offsets", sequences, queries, 8), keyOffsets = graph.offsets("key_offsets", sequences, keys, 8);
            graph.output("scores", PairProducts.scores(new PairProducts.Cut(2, causal, queryOffsets, keyOffsets), pairs, q, k));
            try (TestStorage storage = new TestStorage(graph); Program program = Program.compile(Plan.of(graph), storage, Device.cpu(1))) {
                // Lane 0: 2 queries of 4 keys; lane 1: 3 of 3 and 1 of 2. A wrong split between the lanes is refused, whatever the sum.
                int first = causal ? 7 : 8, second = causal ? 8 : 11;
                setLanes(program, queries, 2, 4);
                setLanes(program, keys, 4, 5);
                setLanes(program, sequences, 1, 2);
                program.input("query_offsets").put(0, new int[] {0, 2, 5, 6}, 4);
                program.input("key_offsets").put(0, new int[] {0, 4, 7, 9}, 4);
                setLanes(program, pairs, first, second);
                program.run(Stage.COMPUTE);
                setLanes(program, pairs, first - 1, second + 1);
                String message = assertThrows(IllegalArgumentException.class, () -> program.run(Stage.COMPUTE)).getMessage();
                assertTrue(message.contains("lane 0 have " + first + " (query, key) pairs"), message);
                setLanes(program, pairs, first, second + 1);
                assertThrows(IllegalArgumentException.class, () -> program.run(Stage.COMPUTE));
            }
        }
    }

    private static void setLanes(Program program, Axis axis, int first, int second) {
        program.setLaneRow(axis, 0, first);
        program.setLaneRow(axis, 1, second);
    }

    @Test
    void sequencesWithAPrefixHaveItsRowsMore() {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis("rows", 8), all = graph.axis("all", 16), sequences = graph.axis("sequences", 4);
        Value x = graph.input("x", Shape.along(all, 4)), without = graph.offsets("without", sequences, rows, 8);
        Value with = graph.offsets("with", sequences, all, 12);
        graph.output("own", graph.add(new PrefixRows(PrefixRows.Kind.PREFIX_DROP, 2), x, without, with).output(0));
        try (TestStorage storage = new TestStorage(graph); Program program = Program.compile(Plan.of(graph), storage, Device.cpu(1))) {
            program.setRows(rows, 5);
            program.setRows(all, 9);
            program.setRows(sequences, 2);
            program.input("without").put(0, new int[] {0, 2, 5}, 3);
            program.input("with").put(0, new int[] {0, 5, 9}, 3);
            assertThrows(IllegalArgumentException.class, () -> program.run(Stage.COMPUTE));
            program.input("with").put(1, 4);
            program.run(Stage.COMPUTE);
        }
    }

    @Test
    void closingWaitsForARunOverTheBlock() throws InterruptedException {
        Memory memory = new Memory(64, "block");
        memory.hold();
        Thread closer = new Thread(memory::close);
        closer.start();
        closer.join(200);
        assertTrue(closer.isAlive(), "the block was freed under a run");
        memory.letGo();
        closer.join(10_000);
        assertFalse(closer.isAlive());
        assertThrows(IllegalStateException.class, memory::hold);
    }

    @Test
    void memoryChecksItsBounds() {
        Memory memory = new Memory(64, "block");
        try (memory) {
            assertThrows(IndexOutOfBoundsException.class, () -> memory.write(60, new float[2]));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.readFloats(-4, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.readDoubles(Long.MAX_VALUE, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.zero(0, 65));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.copyFrom(memory, 32, 0, 33));
            assertThrows(IllegalArgumentException.class, () -> PackedWeights.pack(memory, 5, 4, Packing.FORWARD, WeightType.F32, "w"));
            assertThrows(IllegalArgumentException.class,
                () -> PackedWeights.pack(memory, Integer.MAX_VALUE, Integer.MAX_VALUE, Packing.FORWARD, WeightType.F32, "w"));
        }
        memory.close();
        assertThrows(IllegalStateException.class, () -> memory.write(0, new float[1]));
        assertThrows(IllegalStateException.class, () -> memory.copyFrom(memory, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Memory(-1, "block"));
        assertThrows(EngineException.class, () -> new Memory(Long.MAX_VALUE - 1000, "block"));
    }
}
