package org.primer4j.prediction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;

class PredictorTest {

    private static final TunedTask TASK = new TunedTask(new TaskInfo("mood", TaskType.CLASSIFICATION, "ACC"), List.of("happy", "sad"),
        new ScoringSettings(new LabelMatching(20), new TextFormat(true, false), 32));

    @TempDir
    Path folder;
    private Path model;

    @BeforeEach
    void writeModel() {
        model = TinyModel.write(folder, 1);
    }

    /** BitFit with the model's own biases: predicts as the model does. */
    private Path adapter(String base, Map<String, Object> extras) {
        PretrainedModel tiny = TinyModel.of(1);
        Map<String, TensorData> biases = new LinkedHashMap<>(tiny.weights());
        biases.keySet().removeIf(name -> !name.endsWith(".bias"));
        Path path = folder.resolve("adapter");
        PeftFolder.write(path, new TrainedAdapter(new BitFit(), base, biases, extras), PeftTarget.of(tiny.config()));
        return path;
    }

    private static Predictor open(Path adapter) {
        return Predictor.open(adapter, 128, Device.cpu(1));
    }

    @Test
    void answersAreLabelsWhateverElseIsInTheBatch() {
        List<String> inputs = List.of("we saw the sun", "so it rained again and again", "glad", "tear");
        try (Predictor predictor = open(adapter(model.toString(), TASK.toMap()))) {
            List<String> together = predictor.predict(inputs);
            for (int i = 0; i < inputs.size(); i++) {
                assertTrue(TASK.labels().contains(together.get(i)));
                assertEquals(together.subList(i, i + 1), predictor.predict(inputs.subList(i, i + 1)));
            }
            assertEquals(List.of(), predictor.predict(List.of()));
        }
    }

    @Test
    void aRelativeBaseIsFoundFromTheAdapter() {
        try (Predictor predictor = open(adapter("../model", TASK.toMap()))) {
            assertEquals(TASK, predictor.task());
        }
    }

    @Test
    void aMissingBaseIsNamed() {
        Path adapter = adapter("../gone", TASK.toMap());
        String said = assertThrows(BadInputException.class, () -> open(adapter)).getMessage();
        assertTrue(said.contains("There is no model '" + folder.resolve("gone")), said);
    }

    @Test
    void aModelOfAnotherShapeIsRefused() {
        Path adapter = adapter("minilm", TASK.toMap());
        assertThrows(BadInputException.class, () -> open(adapter));
    }

    @ParameterizedTest
    @ValueSource(strings = {"task", "type", "metric", "labels", "scoring"})
    void extrasThatLackAFieldAreRefused(String field) {
        Map<String, Object> extras = TASK.toMap();
        extras.remove(field);
        Path adapter = adapter(model.toString(), extras);
        String said = assertThrows(BadInputException.class, () -> open(adapter)).getMessage();
        assertTrue(said.contains("primer.json") && said.contains(field), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"objective", "scale", "task_names", "options", "max_length"})
    void scoringThatLacksAFieldIsRefused(String field) {
        Map<String, Object> scoring = TASK.scoring().toMap();
        scoring.remove(field);
        Map<String, Object> extras = TASK.toMap();
        extras.put("scoring", scoring);
        Path adapter = adapter(model.toString(), extras);
        String said = assertThrows(BadInputException.class, () -> open(adapter)).getMessage();
        assertTrue(said.contains("primer.json") && said.contains(field), said);
    }
}
