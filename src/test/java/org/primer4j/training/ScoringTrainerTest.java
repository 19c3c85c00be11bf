package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.JointScoring;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.Objective;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;

class ScoringTrainerTest {

    private static final Objective MATCHING = new LabelMatching(20);
    private static final List<EncodedExample> ROWS = TinyEncoder.rows(24, 20, 5);
    private static final Capacity WHOLE = new Capacity(1000, 200, 100, 300);

    private static Adaptation method(String name) {
        return switch (name) {
            case "lora" -> Lora.queryValue(3, 6);
            case "houlsby" -> new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY);
            case "pfeiffer" -> new BottleneckAdapter(5, BottleneckAdapter.Placement.PFEIFFER);
            case "bitfit" -> new BitFit();
            default -> new FullTuning(true);
        };
    }

    private static ScoringTrainer trainer(Weights weights, Adaptation method, Objective objective, double dropout, Capacity capacity, int threads) {
        return new ScoringTrainer(new Encoder(TinyEncoder.CONFIG), weights, method, objective, dropout, Optimizer.AdamW.with(0.01, 1), capacity,
            Device.cpu(threads));
    }

    private static float[] train(ScoringTrainer trainer, int steps, long seed) {
        trainer.reset(seed);
        for (int step = 0; step < steps; step++) {
            trainer.step(ROWS.subList(step % 3 * 8, step % 3 * 8 + 8), 1e-2);
        }
        return values(trainer);
    }

    private static float[] values(ScoringTrainer trainer) {
        return trainer.parameters().vector(Parameters.VALUES).readFloats(0, trainer.parameters().layout().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "houlsby", "pfeiffer", "bitfit", "full"})
    void everyMethodLearnsTheRows(String name) {
        for (Objective objective : List.of(MATCHING, new JointScoring())) {
            List<EncodedExample> rows = objective == MATCHING ? ROWS : TinyEncoder.withoutTexts(ROWS);
            try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer trainer = trainer(weights, method(name), objective, 0, WHOLE, 2)) {
                double first = trainer.step(rows.subList(0, 8), 1e-2);
                double last = first;
                for (int i = 0; i < 60; i++) {
                    last = trainer.step(rows.subList(0, 8), 1e-2);
                }
                assertTrue(last < 0.7 * first, name + " " + objective.objectiveName() + ": from " + first + " to " + last);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer one = trainer(weights, method("lora"), MATCHING, 0.1, WHOLE, 1);
             ScoringTrainer other = trainer(weights, method("lora"), MATCHING, 0.1, WHOLE, 1)) {
            float[] first = train(one, 9, 11);
            assertArrayEquals(first, train(other, 9, 11));
            assertArrayEquals(first, train(one, 9, 11), "a trainer that ran before");
            assertFalse(Arrays.equals(first, train(one, 9, 12)), "another seed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "houlsby", "full"})
    void aBatchInPartsEqualsTheBatch(String name) {
        Capacity small = new Capacity(60, 12, 6, 18);
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer whole = trainer(weights, method(name), MATCHING, 0, WHOLE, 2);
             ScoringTrainer parts = trainer(weights, method(name), MATCHING, 0, small, 2)) {
            whole.reset(1);
            parts.reset(1);
            assertEquals(whole.step(ROWS.subList(0, 16), 0), parts.step(ROWS.subList(0, 16), 0), 1e-5);
            float[] expected = gradient(whole);
            float[] actual = gradient(parts);
            double error = 0;
            double norm = 0;
            for (int i = 0; i < expected.length; i++) {
                error += Math.pow(actual[i] - expected[i], 2);
                norm += Math.pow(expected[i], 2);
            }
            assertTrue(norm > 0 && Math.sqrt(error / norm) < 1e-5, name + ": relative error " + Math.sqrt(error / norm));
        }
    }

    /** Another pool has other texts under the same numbers. */
    @Test
    void rowsOfTwoPoolsAreNotMixedUp() {
        List<EncodedExample> others = TinyEncoder.rows(8, 20, 6);
        List<EncodedExample> mixed = new ArrayList<>(ROWS.subList(0, 8));
        mixed.addAll(others);
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer trainer = trainer(weights, method("lora"), MATCHING, 0, WHOLE, 1)) {
            double expected = (trainer.step(ROWS.subList(0, 8), 0) + trainer.step(others, 0)) / 2;
            assertEquals(expected, trainer.step(mixed, 0), 1e-5);
        }
    }

    private static float[] gradient(ScoringTrainer trainer) {
        return trainer.parameters().vector(Parameters.GRADIENT_SUM).readFloats(0, trainer.parameters().layout().size());
    }

    @Test
    void aDivergedStepLeavesTheParametersAsTheyWere() {
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer trainer = trainer(weights, method("lora"), MATCHING, 0, WHOLE, 1)) {
            String name = trainer.parameters().layout().entries().get(0).name();
            float[] broken = trainer.parameters().read(0, name);
            broken[0] = Float.NaN;
            trainer.parameters().write(0, name, broken);
            float[] before = values(trainer);
            TrainingException problem = assertThrows(TrainingException.class, () -> trainer.step(ROWS.subList(0, 8), 1e-2));
            assertTrue(problem.getMessage().contains("step 1"), problem.getMessage());
            assertArrayEquals(before, values(trainer));
        }
    }

    @Test
    void anInterruptStopsBeforeTheStep() {
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer trainer = trainer(weights, method("lora"), MATCHING, 0, WHOLE, 1)) {
            float[] before = values(trainer);
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> trainer.step(ROWS, 1e-2));
            assertArrayEquals(before, values(trainer));
            assertTrue(Double.isFinite(trainer.step(ROWS, 1e-2)), "the trainer can be used again");
        }
    }

    @Test
    void aRowThatCannotFitIsRefused() {
        try (Weights weights = new Weights(TinyEncoder.weights(3));
             ScoringTrainer trainer = trainer(weights, method("lora"), MATCHING, 0, new Capacity(12, 12, 6, 18), 1)) {
            BadInputException problem = assertThrows(BadInputException.class, () -> trainer.step(ROWS, 1e-2));
            assertTrue(problem.getMessage().contains("--max-tokens"), problem.getMessage());
        }
    }

    @Test
    void closingGivesAllMemoryBack() {
        long before = Engine.allocatedBytes();
        try (Weights weights = new Weights(TinyEncoder.weights(3)); ScoringTrainer trainer = trainer(weights, method("full"), MATCHING, 0, WHOLE, 2)) {
            trainer.step(ROWS, 1e-3);
            assertEquals(trainer.bytes() + weights.bytes(), Engine.allocatedBytes() - before);
        }
        assertEquals(before, Engine.allocatedBytes());
    }
}
