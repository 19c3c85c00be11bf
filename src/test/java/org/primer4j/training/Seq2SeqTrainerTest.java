package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.AttentionSite;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;

class Seq2SeqTrainerTest {

    private static final PretrainedModel MODEL = SmallBart.strong(3);
    private static final List<Seq2SeqExample> ROWS = SmallBart.rows(24, 12, 5);
    private static final Seq2SeqCapacity WHOLE = new Seq2SeqCapacity(600, 300, 64);

    private static PeftMethod method(String name) {
        return switch (name) {
            case "lora" -> new Lora(3, 6, 0, Set.of("query", "value"));
            case "houlsby" -> new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY);
            case "pfeiffer" -> new BottleneckAdapter(5, BottleneckAdapter.Placement.PFEIFFER);
            case "parallel" -> new ParallelAdapter(5, 4);
            case "prefix" -> new PrefixTuning(3, EnumSet.allOf(AttentionSite.class));
            case "prompt" -> new PromptTuning(3);
            case "ia3" -> Ia3.standard();
            case "bitfit" -> new BitFit();
            default -> new FullTuning(true);
        };
    }

    private static Seq2SeqTrainer trainer(Weights weights, String method, double dropout, Seq2SeqCapacity capacity) {
        return new Seq2SeqTrainer(Seq2Seq.of(SmallBart.TINY), weights, method(method), dropout, 0.1, Optimizer.AdamW.with(0.01, 1), capacity, Device.cpu(1));
    }

    private static float[] values(Trainer<?> trainer) {
        return trainer.parameters().vector(Parameters.VALUES).readFloats(0, trainer.parameters().layout().size());
    }

    private static float[] train(Seq2SeqTrainer trainer, long seed) {
        trainer.reset(seed);
        for (int step = 0; step < 6; step++) {
            trainer.step(ROWS.subList(step % 3 * 8, step % 3 * 8 + 8), 1e-2);
        }
        return values(trainer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "houlsby", "pfeiffer", "parallel", "prefix", "prompt", "ia3", "bitfit", "full"})
    void everyMethodLearnsTheRows(String name) {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer trainer = trainer(weights, name, 0, WHOLE)) {
            double first = trainer.step(ROWS.subList(0, 8), 1e-2);
            double last = first;
            for (int i = 0; i < 40; i++) {
                last = trainer.step(ROWS.subList(0, 8), 1e-2);
            }
            assertTrue(last < 0.95 * first, name + ": from " + first + " to " + last);
        }
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer one = trainer(weights, "lora", 0.1, WHOLE);
             Seq2SeqTrainer other = trainer(weights, "lora", 0.1, WHOLE)) {
            float[] first = train(one, 11);
            assertArrayEquals(first, train(other, 11));
            assertArrayEquals(first, train(one, 11), "a trainer that ran before");
            assertFalse(Arrays.equals(first, train(one, 12)), "another seed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "prefix", "prompt", "full"})
    void aBatchInPartsEqualsTheBatch(String name) {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer whole = trainer(weights, name, 0, WHOLE);
             Seq2SeqTrainer parts = trainer(weights, name, 0, new Seq2SeqCapacity(40, 20, 3))) {
            whole.reset(1);
            parts.reset(1);
            assertEquals(whole.step(ROWS, 0), parts.step(ROWS, 0), 1e-5);
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

    private static float[] gradient(Trainer<?> trainer) {
        return trainer.parameters().vector(Parameters.GRADIENT_SUM).readFloats(0, trainer.parameters().layout().size());
    }

    @Test
    void aDivergedStepNamesItAndLeavesTheParametersAsTheyWere() {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer trainer = trainer(weights, "lora", 0, WHOLE)) {
            trainer.step(ROWS, 1e-3);
            String name = trainer.parameters().layout().entries().get(0).name();
            float[] broken = trainer.parameters().read(0, name);
            broken[0] = Float.NaN;
            trainer.parameters().write(0, name, broken);
            float[] before = values(trainer);
            TrainingException problem = assertThrows(TrainingException.class, () -> trainer.step(ROWS, 1e-2));
            assertTrue(problem.getMessage().contains("step 2"), problem.getMessage());
            assertArrayEquals(before, values(trainer));
        }
    }

    @Test
    void anInterruptStopsBeforeTheStep() {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer trainer = trainer(weights, "lora", 0, WHOLE)) {
            float[] before = values(trainer);
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> trainer.step(ROWS, 1e-2));
            assertArrayEquals(before, values(trainer));
        }
    }

    @Test
    void aRowThatCannotFitIsRefused() {
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer trainer = trainer(weights, "lora", 0, new Seq2SeqCapacity(3, 20, 4))) {
            BadInputException problem = assertThrows(BadInputException.class, () -> trainer.step(ROWS, 1e-2));
            assertTrue(problem.getMessage().contains("--max-tokens"), problem.getMessage());
        }
    }

    @Test
    void closingGivesAllMemoryBack() {
        long before = Engine.allocatedBytes();
        try (Weights weights = new Weights(MODEL.weights()); Seq2SeqTrainer trainer = trainer(weights, "full", 0, WHOLE)) {
            trainer.step(ROWS, 1e-3);
            assertEquals(trainer.bytes() + weights.bytes(), Engine.allocatedBytes() - before);
        }
        assertEquals(before, Engine.allocatedBytes());
    }
}
