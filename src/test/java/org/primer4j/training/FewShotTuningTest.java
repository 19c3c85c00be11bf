package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;
import org.primer4j.model.Encoder;
import org.primer4j.model.Weights;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.peft.Lora;

class FewShotTuningTest {

    // Dev and test are the train rows, so that a rate that learns has a better dev score than one that does not.
    private static final List<EncodedExample> ROWS = TinyEncoder.rows(24, 20, 5);
    private static final TaskData<EncodedExample> TASK = new TaskData<>(new TaskInfo("tiny", TaskType.CLASSIFICATION, "ACC"), 13, ROWS, ROWS, ROWS,
        0.5, List.of());
    private static final double LEARNS = 1e-2;
    private static final double STAYS = 1e-12;

    private record Tuned(FewShotTuning.Outcome outcome, float[] values) {}

    private static Tuned tune(List<Double> rates) {
        LabelMatching objective = new LabelMatching(20);
        Capacity room = new Capacity(1000, 200, 100, 300);
        Encoder encoder = new Encoder(TinyEncoder.CONFIG);
        TuningSettings settings = new TuningSettings(new TrainingSettings(40, 0, 0, 0, 1), new TuningGrid(rates, List.of(8)), 20);
        try (Weights weights = new Weights(TinyEncoder.weights(3));
             ScoringTrainer trainer = new ScoringTrainer(encoder, weights, Lora.queryValue(3, 6), objective, 0, settings.training().optimizer(), room, Device.cpu(1));
             ScoringEvaluator evaluator = new ScoringEvaluator(encoder, weights, Lora.queryValue(3, 6), objective, trainer.parameters(), room,
                 Device.cpu(1))) {
            FewShotTuning.Outcome outcome = new FewShotTuning<>(trainer, evaluator, settings).run(TASK, 7);
            return new Tuned(outcome, trainer.parameters().vector(Parameters.VALUES).readFloats(0, trainer.parameters().layout().size()));
        }
    }

    @Test
    void keepsTheBestRatesParametersWhereverItStands() {
        Tuned alone = tune(List.of(LEARNS));
        assertTrue(alone.outcome().devScore() > tune(List.of(STAYS)).outcome().devScore(), "the rates must differ in dev score");
        for (List<Double> rates : List.of(List.of(LEARNS, STAYS), List.of(STAYS, LEARNS), List.of(STAYS, LEARNS, STAYS))) {
            Tuned tuned = tune(rates);
            assertEquals(LEARNS, tuned.outcome().trial().rate(), rates.toString());
            assertArrayEquals(alone.values(), tuned.values(), rates.toString());
            assertEquals(alone.outcome().testScore(), tuned.outcome().testScore(), rates.toString());
        }
    }
}
