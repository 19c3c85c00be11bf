package org.primer4j.cli;

import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.model.Encoder;
import org.primer4j.model.Weights;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.Objective;
import org.primer4j.objective.Sequence;
import org.primer4j.peft.Lora;
import org.primer4j.training.Optimizer;
import org.primer4j.training.ScoringTrainer;

/** One training step of a tiny random model: graph, planner, kernels and optimizer at work. */
final class SelfTest {

    private static final EncoderConfig TINY = new EncoderConfig("bert", 64, 32, 2, 2, 64, 32, 2, 1e-12, "gelu", 0, 0.1, 0.1);

    private SelfTest() {
    }

    /**
     * The step's loss.
     *
     * @throws org.primer4j.training.TrainingException if it is not finite
     */
    static double loss(Device device) {
        PretrainedModel model = RandomModel.of(TINY, new byte[0], 1);
        Objective objective = new LabelMatching(LabelMatching.DEFAULT_SCALE);
        try (Weights weights = new Weights(device, model.weights());
             ScoringTrainer trainer = new ScoringTrainer(new Encoder(TINY), weights, Lora.queryValue(2, 4), objective, 0.1,
                 Optimizer.AdamW.with(0.01, 1), Capacity.ofTokens(64), device)) {
            return trainer.step(List.of(row(0), row(1)), 1e-3);
        }
    }

    private static EncodedExample row(int gold) {
        Sequence[] labels = {sequence(2, 3), sequence(3, 5)};
        return new EncodedExample(sequence(gold, 7 + gold), labels, gold, List.of("no", "yes"));
    }

    private static Sequence sequence(int index, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 1 + (7 * index + i) % 63;
        }
        return new Sequence(index, ids, new int[length]);
    }
}
