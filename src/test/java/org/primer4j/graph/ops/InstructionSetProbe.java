package org.primer4j.graph.ops;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.primer4j.engine.Engine;

/** Runs a part of the ops' checks in a process of its own, under the instruction set that PRIMER_ISA names. */
public final class InstructionSetProbe {

    private InstructionSetProbe() {}

    /** Prints the instruction set and the number of checks passed; a failed check ends the process with its trace. */
    public static void main(String[] arguments) throws Throwable {
        System.out.println(Engine.instructionSet());
        int passed = 0;
        Stream<DynamicTest> small = tests().filter(t -> t.getDisplayName().contains("[[5, 1, 33]]") || t.getDisplayName().startsWith("Search"));
        for (DynamicTest test : Stream.of(small, new CachedAttentionTest().equalsFullCausalAttention(), passes()).flatMap(s -> s).toList()) {
            test.getExecutable().execute();
            passed++;
        }
        System.out.println(passed);
    }

    // The optimizers and the passes over flat vectors, which change these in place.
    private static Stream<DynamicTest> passes() {
        return Stream.of(
            dynamicTest("adamw", () -> new OptimizeTest().adamwAgreesWithFloat64(37)),
            dynamicTest("sgd", () -> new OptimizeTest().sgdAgreesWithFloat64(0.9)),
            dynamicTest("accumulate", () -> new OptimizeTest().accumulateAddsUp()),
            dynamicTest("flat_add", () -> new FlatTest().addLeavesIdleLanesAlone(37)),
            dynamicTest("flat_add_rated", () -> new FlatTest().eachTensorHasItsOwnRate(true)),
            dynamicTest("flat_add_rated, overwriting", () -> new FlatTest().eachTensorHasItsOwnRate(false)),
            dynamicTest("flat_sum_lanes", () -> new FlatTest().lanesAreSummedTensorByTensor(true)),
            dynamicTest("flat_dots", () -> new FlatTest().dotsAreSummedOverLanes(20000)));
    }

    private static Stream<DynamicTest> tests() {
        return Stream.of(new LinearTest().agreesWithItsReference(), new LoraLinearTest().agreesWithItsReference(),
            new AdapterTest().agreesWithItsReference(), new AttentionTest().agreesWithItsReference(), new AddLayerNormTest().agreesWithItsReference(),
            new ActivateTest().agreesWithItsReference(), new EmbeddingTest().agreesWithItsReference(), new MeanPoolTest().agreesWithItsReference(),
            new L2NormalizeTest().agreesWithItsReference(), new MatchScoresTest().agreesWithItsReference(),
            new SegmentCrossEntropyTest().agreesWithItsReference(), new CrossEntropyTest().agreesWithItsReference(),
            new DropoutTest().agreesWithItsReference(), new GatedTest().agreesWithItsReference(), new RmsNormTest().agreesWithItsReference(),
            new ScaleColumnsTest().agreesWithItsReference(), new HeadCrossEntropyTest().agreesWithItsReference(), new HeadTopKTest().findsTheBest(),
            new AttentionTest().everyKindAgreesWithItsReference()).flatMap(s -> s);
    }
}
