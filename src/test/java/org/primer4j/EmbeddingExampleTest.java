package org.primer4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Device;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.RunResult;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.gym.Gym;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.Lora;
import org.primer4j.priming.Priming;
import org.primer4j.priming.PrimingSettings;
import org.primer4j.priming.Recipe;
import org.primer4j.progress.Progress;
import org.primer4j.training.ScoringLearner;
import org.primer4j.training.TaskData;
import org.primer4j.training.TrainingSettings;
import org.primer4j.training.TuningGrid;
import org.primer4j.training.TuningSettings;

/** The README's example: what stands there is what runs here. */
class EmbeddingExampleTest {

    @TempDir
    Path folder;

    // region example
    static double primeAndTune(PretrainedModel model, Path folder, List<String> trainTasks, String task) {
        Gym gym = Gym.open(folder);
        Device device = Device.cpu();
        ScoringSettings texts = new ScoringSettings(new LabelMatching(LabelMatching.DEFAULT_SCALE), new TextFormat(true, false), 64);
        ScoringLearner learner = new ScoringLearner(texts, Capacity.ofTokens(1024));
        List<TaskData<EncodedExample>> train = learner.read(model, gym, trainTasks, List.of(13, 21));
        List<TaskData<EncodedExample>> test = learner.read(model, gym, List.of(task), List.of(13));

        PrimingSettings priming = new PrimingSettings(new TrainingSettings(50, 0.06, 0.1, 0.01, 1), 8, 1e-4, false);
        Recipe recipe = Recipe.multiTask(priming);
        PretrainedModel primed = new Priming<>(learner, device).run(model, recipe, train, 1, Progress.silent()).model();

        TuningSettings tuning = new TuningSettings(new TrainingSettings(32, 0.1, 0.1, 0.01, 1),
            new TuningGrid(List.of(1e-3), List.of(8)), 16);
        try (FewShotStudy<EncodedExample> study = new FewShotStudy<>(primed, learner, tuning, device)) {
            return study.run(Lora.queryValue(8, 16), RunResult.PRIMED, test, 1, Progress.silent(), 0).get(0).testScore();
        }
    }
    // endregion

    @Test
    void theExampleRuns() {
        double score = primeAndTune(TinyModel.of(1), TinyGym.write(folder), TinyGym.TRAIN, "mood");
        assertTrue(score >= 0 && score <= 1, () -> "score " + score);
    }

    @Test
    void theReadmeShowsTheExample() throws IOException {
        String source = Files.readString(Path.of("src/test/java/org/primer4j/EmbeddingExampleTest.java"));
        String region = between(source, "// region example\n", "    // endregion");
        String block = between(Files.readString(Path.of("README.md")), "```java\n", "```\n");
        assertEquals(region.lines().map(line -> line.replaceFirst("^ {4}", "")).collect(Collectors.joining("\n", "", "\n")), block);
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start) + start.length();
        assertTrue(from >= start.length(), () -> "no " + start);
        return text.substring(from, text.indexOf(end, from));
    }
}
