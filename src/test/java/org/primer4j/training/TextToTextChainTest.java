package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Device;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.RunResult;
import org.primer4j.gym.Gym;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.peft.FullTuning;
import org.primer4j.progress.Progress;

/**
 * The whole chain: a BART of 3 million parameters that starts from random weights learns to write sequences, and is judged by what it
 * generates. Gym, tokenizer, encoder, decoder, loss, optimizer, beam search and metric must all be right for that.
 */
class TextToTextChainTest {

    private static final int SAMPLE = 13;
    private static final double MOST_SECONDS = 180;

    @TempDir
    Path folder;

    @Test
    void aSmallBartLearnsToReverse() {
        TextToTextGym.write(folder.resolve("gym"), 1);
        Gym gym = Gym.open(folder.resolve("gym"));
        PretrainedModel model = SmallBart.model(SmallBart.config(64, 192, 3, 4, 768, 32), TextToTextGym.tokenizerJson(), 1);
        Seq2SeqSettings texts = new Seq2SeqSettings(Seq2SeqFormat.CROSSFIT.withLimits(24, 12), 0);
        Seq2SeqLearner learner = new Seq2SeqLearner(texts, new Seq2SeqCapacity(512, 320, 64), 1, 4);
        TuningSettings settings = new TuningSettings(new TrainingSettings(500, 0.1, 0, 0.01, 1), new TuningGrid(List.of(1e-3), List.of(32)), 250);
        List<TaskData<Seq2SeqExample>> data = learner.read(model, gym, List.of(TextToTextGym.REVERSE), List.of(SAMPLE));
        try (FewShotStudy<Seq2SeqExample> study = new FewShotStudy<>(model, learner, settings, Device.cpu(2))) {
            RunResult result = study.run(new FullTuning(true), RunResult.UNPRIMED, data, 1, Progress.silent(), 0).get(0);
            assertTrue(result.testScore() > 0.95, () -> "exact match " + result.testScore() + ", curve " + result.curve());
            assertTrue(result.seconds() < MOST_SECONDS, () -> "took " + result.seconds() + " s");
        }
    }
}
