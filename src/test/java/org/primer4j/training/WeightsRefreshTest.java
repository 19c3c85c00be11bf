package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.peft.Lora;

/** A compiled program sees frozen weights that were read again. */
class WeightsRefreshTest {

    private static final List<Seq2SeqExample> ROWS = SmallBart.rows(6, 10, 3);
    private static final PretrainedModel FIRST = SmallBart.strong(1);
    private static final PretrainedModel SECOND = SmallBart.strong(2);

    /** One of two tensors. */
    private record Either(AtomicBoolean isSecond, TensorData first, TensorData second) implements TensorData {

        private TensorData now() {
            return isSecond.get() ? second : first;
        }

        @Override
        public long[] shape() {
            return now().shape();
        }

        @Override
        public void read(long start, FloatBuffer target) {
            now().read(start, target);
        }
    }

    private static Trainer<Seq2SeqExample> trainer(Weights weights) {
        Seq2SeqFormat base = Seq2SeqFormat.CROSSFIT;
        Seq2SeqFormat format = new Seq2SeqFormat(base.prefix(), base.lowerCase(), base.cleanup(), 16, 8);
        return new Seq2SeqLearner(new Seq2SeqSettings(format, 0), Seq2SeqCapacity.ofTokens(128), 1, 1)
            .trainer(FIRST, weights, Lora.queryValue(2, 4), 0, Optimizer.AdamW.with(0, 1), Device.cpu(1));
    }

    private static double loss(Trainer<Seq2SeqExample> trainer) {
        trainer.reset(5);
        return trainer.step(ROWS, 1e-3);
    }

    private static double fresh(PretrainedModel model) {
        try (Weights weights = new Weights(model.weights()); Trainer<Seq2SeqExample> trainer = trainer(weights)) {
            return loss(trainer);
        }
    }

    @Test
    void aProgramComputesWithTheNewNumbers() {
        AtomicBoolean isSecond = new AtomicBoolean();
        Map<String, TensorData> either = new LinkedHashMap<>();
        FIRST.weights().forEach((name, tensor) -> either.put(name, new Either(isSecond, tensor, SECOND.weights().get(name))));
        double first = fresh(FIRST);
        double second = fresh(SECOND);
        assertNotEquals(first, second);
        try (Weights weights = new Weights(either); Trainer<Seq2SeqExample> trainer = trainer(weights)) {
            assertEquals(first, loss(trainer));
            long bytes = weights.bytes();
            isSecond.set(true);
            weights.refresh(Set.of("no such tensor"));
            assertEquals(first, loss(trainer));
            weights.refresh(either.keySet());
            assertEquals(second, loss(trainer));
            assertEquals(bytes, weights.bytes());
        }
    }
}
