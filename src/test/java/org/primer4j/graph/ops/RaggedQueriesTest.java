package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.Value;

/** Cross-attention in which some sequences have no queries: as without these sequences; nothing else takes them. */
class RaggedQueriesTest {

    private static final int D = 8;
    private static final Attention FULL = Attention.full(2, D);

    /** Attention of sequences whose numbers of queries and keys are given. */
    private record Case(int[] queries, int[] keys) {

        /** The output, or its tangent along q and k themselves. */
        float[] run(float[] q, float[] k, boolean tangent) {
            Graph graph = new Graph(1, DType.F32);
            Axis sequences = graph.axis("sequences", 8), rows = graph.axis("rows", 16), tokens = graph.axis("tokens", 32);
            Value offsets = graph.raggedOffsets("q_offsets", sequences, rows, 16);
            Value in = graph.input("q", Shape.along(rows, D)), keyed = graph.input("k", Shape.along(tokens, D));
            Value o = Ops.attention(FULL, in, keyed, keyed, offsets, graph.offsets("k_offsets", sequences, tokens, 32), null, null);
            Value out = graph.output("out", tangent ? Tangent.of(List.of(o), Map.of(in, in, keyed, keyed)).get(0) : o);
            try (Program program = Program.compile(Plan.of(graph), null, Device.cpu(2))) {
                program.setRows(sequences, queries.length);
                program.setRows(rows, put(program, "q_offsets", queries));
                program.setRows(tokens, put(program, "k_offsets", keys));
                program.input("q").put(0, q);
                program.input("k").put(0, k);
                program.run(Stage.COMPUTE);
                float[] found = new float[q.length];
                program.read(out, found);
                return found;
            }
        }

        private static int put(Program program, String name, int[] lengths) {
            int at = 0;
            for (int i = 0; i < lengths.length; i++) {
                program.input(name).put(i, at);
                at += lengths[i];
            }
            program.input(name).put(lengths.length, at);
            return at;
        }
    }

    private static float[] random(int rows, long seed) {
        float[] values = new float[rows * D];
        Random random = new Random(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sequencesWithoutQueriesDoNothing(boolean tangent) {
        float[] q = random(5, 1), k = random(9, 2), others = random(12, 3);
        float[] expected = new Case(new int[] {2, 3}, new int[] {4, 5}).run(q, k, tangent);
        float[] wider = new float[21 * D];
        System.arraycopy(others, 0, wider, 0, 3 * D);
        System.arraycopy(k, 0, wider, 3 * D, 4 * D);
        System.arraycopy(others, 3 * D, wider, 7 * D, 7 * D);
        System.arraycopy(k, 4 * D, wider, 14 * D, 5 * D);
        System.arraycopy(others, 10 * D, wider, 19 * D, 2 * D);
        assertArrayEquals(expected, new Case(new int[] {0, 2, 0, 3, 0}, new int[] {3, 4, 7, 5, 2}).run(q, wider, tangent));
    }

    @Test
    void nothingElseTakesThem() {
        Graph graph = new Graph(1, DType.F32);
        Axis sequences = graph.axis("sequences", 2), rows = graph.axis("rows", 4);
        Value offsets = graph.raggedOffsets("offsets", sequences, rows, 4), whole = graph.offsets("whole", sequences, rows, 4);
        Value x = graph.input("x", Shape.along(rows, D)), p = Ops.linear(x, graph.parameter("w", D, D), null);
        assertThrows(ShapeException.class, () -> Ops.attention(new Attention(2, true, 1, null), x, x, x, offsets, whole, null, null));
        assertThrows(ShapeException.class, () -> Ops.attention(FULL, x, x, x, whole, offsets, null, null));
        Value loss = Ops.sumRows(Ops.sumCols(Ops.attention(FULL, p, x, x, offsets, whole, null, null)));
        assertThrows(ShapeException.class, () -> Gradient.of(loss, graph.leaves(Leaf.Kind.PARAMETER)));
    }
}
