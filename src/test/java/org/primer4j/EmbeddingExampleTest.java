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
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.RunResult;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.gym.Gym;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.Objective;
import org.primer4j.objective.SequencePool;
import org.primer4j.objective.TextFormat;
import org.primer4j.peft.Lora;
import org.primer4j.priming.MultiTask;
import org.primer4j.priming.PrimingSettings;
import org.primer4j.text.Tokenizer;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings;

/** The README's example: what stands there is what runs here. */
class EmbeddingExampleTest {

    @TempDir
    Path folder;

    // region example
    static double primeAndTune(PretrainedModel model, Path folder, List<String> trainTasks, String task) {
        Gym gym = Gym.open(folder);
        Device device = Device.cpu();
        Capacity room = Capacity.ofTokens(1024);
        Objective objective = new LabelMatching(LabelMatching.DEFAULT_SCALE);
        TextFormat format = new TextFormat(true, false);
        try (Tokenizer tokenizer = Tokenizer.of(model.tokenizerJson())) {
            SequencePool texts = new SequencePool(tokenizer, 64);
            List<TaskData> train = FewShotStudy.read(gym, trainTasks, List.of(13, 21), objective, format, texts);
            List<TaskData> test = FewShotStudy.read(gym, List.of(task), List.of(13), objective, format, texts);

            PrimingSettings priming = new PrimingSettings(50, 8, 1e-4, 0.06, 0.1, 0.01, 1, false);
            PretrainedModel primed = new MultiTask(priming, objective, room, device).run(model, train, 1, Progress.silent()).model();

            TuningSettings tuning = new TuningSettings(32, 8, List.of(1e-3), 0.1, 16, 0.1, 0.01, 1);
            try (FewShotStudy study = new FewShotStudy(primed, objective, tuning, room, device)) {
                return study.run(Lora.queryValue(8, 16), RunResult.PRIMED, test, 1, Progress.silent(), 0).get(0).testScore();
            }
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
