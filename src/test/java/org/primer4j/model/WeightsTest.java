package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Engine;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.model.io.TensorData;

class WeightsTest {

    /** A tensor whose file is gone. */
    private record Unreadable(long[] shape) implements TensorData {

        @Override
        public void read(long start, FloatBuffer target) {
            throw new UncheckedIOException(new IOException("gone"));
        }
    }

    @Test
    void aTensorThatCannotBeReadHoldsNoMemory() {
        long before = Engine.allocatedBytes();
        try (Weights weights = new Weights(Map.of("w", new Unreadable(new long[] {20, 30})))) {
            for (Packing packing : Packing.values()) {
                assertThrows(UncheckedIOException.class, () -> weights.memory("w", 20, 30, packing, WeightType.F32));
            }
            assertEquals(before, Engine.allocatedBytes());
            assertEquals(0, weights.bytes());
        }
    }

    @Test
    void anotherShapeIsRefused() {
        try (Weights weights = new Weights(Map.of("w", new Unreadable(new long[] {20, 30})))) {
            assertThrows(IllegalArgumentException.class, () -> weights.memory("w", 20, 31, Packing.PLAIN, WeightType.F32));
        }
    }
}
