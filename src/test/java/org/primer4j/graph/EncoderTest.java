package org.primer4j.graph;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The ops together: two layers, first order. */
class EncoderTest {

    // Roundings of two layers add up, and norms of short rows with small gains magnify them.
    private static final double VALUE = 5e-6;
    private static final double GRADIENT = 2e-5;

    // On CUDA the products with weights that each lane has for itself are our own, where a lane alone takes the library's: two orders of the same sums,
    // each within VALUE of float64's.
    private static final double LANE = 2 * VALUE;

    // Several sequences each: with one alone, all candidates are alike and the gradient vanishes.
    private static final List<Batch> BATCHES = List.of(Batch.of(new int[] {4, 1, 6, 2}), Batch.of(new int[] {13, 1, 40, 5, 207}),
        Batch.of(new int[] {5, 3, 1}, new int[] {}, new int[] {9, 2, 17, 4}));

    @TestFactory
    Stream<DynamicTest> agreesWithItsReference() {
        return OpChecks.of(BATCHES, SmallEncoder::withExamples, new OpCase("trained encoder", VALUE, GRADIENT, LANE, SmallEncoder::trained),
            new OpCase("adapted encoder", VALUE, GRADIENT, SmallEncoder::adapted));
    }
}
