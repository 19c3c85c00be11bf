package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.prediction.Predictor;
import org.primer4j.prediction.TunedTask;

/** What throws while it is being opened gives its native memory back. */
class FailedOpeningTest {

    private static final int TOO_MANY_BEAMS = 100;
    private static final PretrainedModel MODEL = SmallBart.model(SmallBart.config(64, 24, 1, 3, 40, 32), TextToTextGym.tokenizerJson(), 1);
    private static final Seq2SeqSettings TEXTS = new Seq2SeqSettings(Seq2SeqFormat.CROSSFIT.withLimits(24, 12), 0);

    private static Seq2SeqLearner learner(int devBeams, int reportBeams) {
        return new Seq2SeqLearner(TEXTS, new Seq2SeqCapacity(128, 64, 8), devBeams, reportBeams);
    }

    @Test
    void aTrainerWithoutAWriter() {
        long before = Engine.allocatedBytes();
        try (Weights weights = new Weights(MODEL.weights())) {
            LossGraph<Seq2SeqExample> whole = learner(1, 1).lossGraph(MODEL, new BitFit(), 0);
            LossGraph<Seq2SeqExample> broken = new LossGraph<>(whole.loss(), whole.adaptation(), program -> {
                throw new IllegalStateException("no writer");
            });
            assertThrows(IllegalStateException.class, () -> new Trainer<>(broken, weights, Optimizer.AdamW.with(0, 1), Device.cpu(1)));
            assertEquals(weights.bytes(), Engine.allocatedBytes() - before);
        }
        assertEquals(before, Engine.allocatedBytes());
    }

    @Test
    void anEvaluatorWhoseSecondSearchCannotBe() {
        long before = Engine.allocatedBytes();
        Seq2SeqLearner learner = learner(1, TOO_MANY_BEAMS);
        try (Weights weights = new Weights(MODEL.weights());
             Parameters parameters = new Parameters(learner.lossGraph(MODEL, new BitFit(), 0).layout(), 1)) {
            assertThrows(IllegalArgumentException.class, () -> learner.evaluator(MODEL, weights, new BitFit(), parameters, Device.cpu(1)));
            assertTrue(weights.bytes() > 0, "the first search was opened");
            assertEquals(weights.bytes() + parameters.bytes(), Engine.allocatedBytes() - before);
        }
        assertEquals(before, Engine.allocatedBytes());
    }

    @Test
    void aPredictorWhoseSearchCannotBe(@TempDir Path folder) throws IOException {
        MODEL.write(folder.resolve("model"));
        Files.writeString(folder.resolve("model/generation_config.json"), "{\"do_sample\": true}");
        Map<String, Object> extras = new TreeMap<>(new TunedTask(new TaskInfo("mood", TaskType.CLASSIFICATION, "ACC"), List.of("a", "b"), TEXTS).toMap());
        write(folder.resolve("adapter"), extras);
        long before = Engine.allocatedBytes();
        BadInputException problem = assertThrows(BadInputException.class, () -> Predictor.open(folder.resolve("adapter"), 128, Device.cpu(1)));
        assertTrue(problem.getMessage().contains("do_sample"), problem.getMessage());
        assertEquals(before, Engine.allocatedBytes());
        extras.put(Predictor.BEAMS, TOO_MANY_BEAMS);
        write(folder.resolve("other"), extras);
        BadInputException beams = assertThrows(BadInputException.class, () -> Predictor.open(folder.resolve("other"), 128, Device.cpu(1)));
        assertTrue(beams.getMessage().contains("primer.json: the field beams is 100; expected 1 to 32"), beams.getMessage());
    }

    private static void write(Path adapter, Map<String, Object> extras) {
        try (Parameters parameters = new Parameters(learner(1, 1).lossGraph(MODEL, new BitFit(), 0).layout(), 1)) {
            PeftFolder.write(adapter, TrainedAdapter.of(new BitFit(), "../model", parameters, 0, extras), PeftTarget.of(MODEL.config()));
        }
    }

    @Test
    void whatIsOpenIsClosedLastFirstUnlessAllWentWell() {
        List<String> closed = new ArrayList<>();
        IllegalStateException first = assertThrows(IllegalStateException.class, () -> {
            try (CloseOnFailure opened = new CloseOnFailure()) {
                opened.add((AutoCloseable) () -> closed.add("one"));
                opened.add((AutoCloseable) () -> {
                    throw new IOException("stuck");
                });
                opened.add((AutoCloseable) () -> closed.add("three"));
                throw new IllegalStateException("first");
            }
        });
        assertEquals("first", first.getMessage());
        assertEquals(1, first.getSuppressed().length);
        assertEquals(List.of("three", "one"), closed);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            opened.add((AutoCloseable) () -> closed.add("four"));
            opened.succeeded();
        }
        assertEquals(2, closed.size());
    }
}
