package org.primer4j.experiment.study.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.BartConfig.Stack;
import org.primer4j.model.io.RandomModel;
import org.primer4j.progress.Progress;
import org.primer4j.training.TextChoice;

/** A study of a tiny model that writes its answers. */
class Seq2SeqStudyTest {

    private static final String TEXT = """
        version: 1
        name: writes
        model: MODEL
        gym: gym
        tasks: {train: [copy_words], dev: [], test: [label_sentence]}
        seed: 3
        text: {max-length: 24, max-target-length: 12, max-tokens: 256, dev-beams: 1, beams: 2}
        priming: {samples: [13], steps: 2}
        recipes:
          - {algorithm: mtl, tune: plm, batch: 4, learning-rate: 3e-3}
          - {algorithm: maml, tune: both, inner: peft, tasks-per-step: 1, inner-batch: 4, learning-rate: 3e-3}
        methods: [{method: lora, rank: 2}]
        tuning: {samples: [13], steps: 2, rates: [1e-2], batches: [4], evaluate-every: 2}
        """;

    @TempDir
    Path folder;

    private Path write() throws IOException {
        TextToTextGym.write(folder.resolve("gym"), 1);
        Path model = folder.resolve("model");
        Stack stack = new Stack(1, 2, 48);
        RandomModel.of(new BartConfig(64, 32, stack, stack, 64, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0, 0), TextToTextGym.tokenizerJson(), 1).write(model);
        return Files.writeString(folder.resolve("writes.yaml"), TEXT.replace("MODEL", model.toString()));
    }

    @Test
    void itIsRunAndResumedToTheSameBytes() throws IOException {
        Path file = write();
        StudySetup setup = MicroStudy.setup(file);
        Map<String, Integer> beams = TextChoice.beams(setup.learner());
        assertEquals(List.of("dev", "test"), List.copyOf(beams.keySet()), "in one order, as the manifest has them");
        StudyResults results = MicroStudy.run(file, folder.resolve("whole"), Progress.silent());
        assertTrue(results.complete());
        assertTrue(results.runs().stream().allMatch(run -> run.type().equals("generation")));
        assertNotEquals(loss(results, StudyRun.DIRECT), loss(results, "mtl-plm"));
        assertNotEquals(loss(results, StudyRun.DIRECT), loss(results, "maml-both-peft"));
        Path resumed = folder.resolve("resumed");
        assertThrows(CancellationException.class, () -> MicroStudy.run(file, resumed, new StudyTest.Stop(new int[] {4})));
        MicroStudy.run(file, resumed, Progress.silent());
        assertEquals(MicroStudy.lawful(folder.resolve("whole")), MicroStudy.lawful(resumed));
    }

    private static double loss(StudyResults results, String recipe) {
        return results.runs().stream().filter(run -> run.recipe().equals(recipe)).findFirst().orElseThrow().curve().get(0).loss();
    }
}
