package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Bf16;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.Weights;
import org.primer4j.model.io.TensorData;

/** Weights in bf16 take half the memory, leave float32 programs of the same model alone, and are a device's property. */
class Bf16WeightsTest {

    private static final int ROWS = 21;
    private static final int IN = 64;
    private static final int OUT = 192;

    @BeforeAll
    static void assume() {
        Bf16.assume();
    }

    private static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] product(Weights weights, Device device) {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis("rows", ROWS);
        Value y = graph.output("y", Ops.linear(graph.input("x", Shape.along(rows, IN)), graph.weight("w", OUT, IN), null));
        try (Program program = Program.compile(Plan.of(graph), new ModelStorage(weights, null), device)) {
            program.setRows(rows, ROWS);
            program.input("x").put(0, random(ROWS * IN, 1));
            program.run(Stage.COMPUTE);
            float[] result = new float[ROWS * OUT];
            program.read(y, result);
            return result;
        }
    }

    @Test
    void twoTypesOfOneModelDoNotMeet() {
        try (Weights weights = new Weights(Map.of("w", TensorData.of(new long[] {OUT, IN}, random(OUT * IN, 2))))) {
            Device device = Device.cpu(1);
            float[] before = product(weights, device);
            float[] rounded = product(weights, device.withWeights(WeightType.BF16));
            assertArrayEquals(before, product(weights, device));
            assertArrayEquals(rounded, product(weights, device.withWeights(WeightType.BF16)));
            double difference = 0;
            for (int i = 0; i < before.length; i++) {
                difference = Math.max(difference, Math.abs(before[i] - rounded[i]));
            }
            assertTrue(difference > 1e-3 && difference < 1, "largest difference " + difference);
        }
    }

    @Test
    void onlyThePackedFormIsKept() {
        long packed = PackedWeights.bytes(Device.cpu(1), OUT, IN, Packing.FORWARD, WeightType.BF16);
        assertEquals(2L * OUT * IN, packed);
        try (Weights weights = new Weights(Map.of("w", TensorData.of(new long[] {OUT, IN}, random(OUT * IN, 3))))) {
            product(weights, Device.cpu(1).withWeights(WeightType.BF16));
            assertEquals(packed, weights.bytes());
        }
    }

    // Rows of an even length.
    @Test
    void rowsAreHalfAsLong() {
        assertEquals(2L * OUT * 8, PackedWeights.bytes(Device.cpu(1), OUT, 7, Packing.ROWS, WeightType.BF16));
        assertThrows(IllegalArgumentException.class, () -> PackedWeights.bytes(Device.cpu(1), OUT, 7, Packing.ROWS, WeightType.F32));
        assertThrows(IllegalArgumentException.class, () -> PackedWeights.bytes(Device.cpu(1), OUT, 7, Packing.PLAIN, WeightType.BF16));
    }

    @Test
    void deviceSaysIt() {
        assertEquals(WeightType.F32, Device.cpu(2).weights());
        assertTrue(Device.cpu(2).withWeights(WeightType.BF16).toString().endsWith(", 2 threads, bf16 weights)"));
        assertTrue(Device.cpu(2).toString().endsWith(", 2 threads)"));
        assertEquals("there is no weight type 'fp16'; expected fp32, tf32, bf16",
            assertThrows(IllegalArgumentException.class, () -> WeightType.of("fp16")).getMessage());
    }
}
