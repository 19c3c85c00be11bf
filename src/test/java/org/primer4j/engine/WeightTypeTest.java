package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;
import org.primer4j.graph.TestDevices;

/** A device says which types it has. */
class WeightTypeTest {

    @Test
    void tf32IsNotForTheCpu() {
        Device cpu = Device.cpu(1);
        assertEquals("Products in tf32 cannot be computed on the CPU: it is a type of CUDA's tensor cores; expected fp32 or bf16.",
            assertThrows(BadInputException.class, () -> cpu.withWeights(WeightType.TF32)).getMessage());
    }

    @Test
    void cudaHasAll() {
        assumeTrue(TestDevices.hasCuda());
        for (WeightType type : WeightType.values()) {
            assertEquals(type, Device.cuda(0).withWeights(type).weights());
        }
    }
}
