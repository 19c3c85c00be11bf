package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.engine.Device;
import org.primer4j.experiment.CellStore;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.StudyCells;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;
import org.primer4j.model.Encoder;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.peft.Lora;

class FewShotTuningTest {

    // Dev and test are the train rows, so that a rate that learns has a better dev score than one that does not.
    private static final List<EncodedExample> ROWS = TinyEncoder.rows(24, 20, 5);
    private static final TaskData<EncodedExample> TASK = new TaskData<>(new TaskInfo("tiny", TaskType.CLASSIFICATION, "ACC"), 13, ROWS, ROWS, ROWS,
        0.5, List.of(), "c0ffee");
    private static final double LEARNS = 1e-2;
    private static final double STAYS = 1e-12;
    // Infinite as a float32.
    private static final double DIVERGES = 1e39;

    @TempDir
    Path folder;

    private record Tuned(FewShotTuning.Outcome outcome, float[] values) {}

    private static Tuned tune(List<Double> rates) {
        return tune(TASK, rates, 20, CellArchive.none());
    }

    private static Tuned tune(TaskData<EncodedExample> task, List<Double> rates, int evaluateEvery, CellArchive archive) {
        LabelMatching objective = new LabelMatching(20);
        Capacity room = new Capacity(1000, 200, 100, 300);
        Encoder encoder = new Encoder(TinyEncoder.CONFIG);
        TuningSettings settings = new TuningSettings(new TrainingSettings(40, 0, 0, 0, 1), new TuningGrid(rates, List.of(8)), evaluateEvery);
        try (Weights weights = new Weights(TinyEncoder.weights(3));
             ScoringTrainer trainer = new ScoringTrainer(encoder, weights, Lora.queryValue(3, 6), objective, 0, settings.training().optimizer(), room, Device.cpu(1));
             ScoringEvaluator evaluator = new ScoringEvaluator(encoder, weights, Lora.queryValue(3, 6), objective, trainer.parameters(), room,
                 Device.cpu(1))) {
            FewShotTuning.Outcome outcome = new FewShotTuning<>(trainer, evaluator, settings, archive, run -> { }).run(task, 7);
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

    @Test
    void aRateThatDivergesEndsItsCellOnly() {
        Tuned alone = tune(List.of(LEARNS));
        for (List<Double> rates : List.of(List.of(DIVERGES, LEARNS), List.of(LEARNS, DIVERGES))) {
            Tuned tuned = tune(rates);
            assertEquals(1, tuned.outcome().diverged());
            assertEquals(LEARNS, tuned.outcome().trial().rate());
            assertArrayEquals(alone.values(), tuned.values());
        }
        assertEquals(0, alone.outcome().diverged());
    }

    @Test
    void scoresOnDevThatAreNotNumbersEndTheCellToo() {
        assertEquals(1, tune(TASK, List.of(DIVERGES, LEARNS), 1, CellArchive.none()).outcome().diverged());
    }

    @Test
    void aTaskOfWhichEveryCellDivergesFailsBySentence() {
        String sentence = assertThrows(TrainingException.class, () -> tune(List.of(DIVERGES, 2 * DIVERGES))).getMessage();
        for (String part : List.of("task tiny, sample 13", "all 2 combinations", "the last one: step")) {
            assertTrue(sentence.contains(part), sentence);
        }
    }

    @Test
    void onlyTheBestCellKeepsItsParametersAndEachRunComesOutTheSame() throws IOException {
        List<Double> rates = List.of(STAYS, LEARNS, DIVERGES);
        Tuned fresh = tune(rates);
        requireSame(fresh, tuneWithCells(TASK, rates));
        assertEquals(3, count("cell.json"));
        assertEquals(1, count("parameters.safetensors"));
        FileTime written = written();
        requireSame(fresh, tuneWithCells(TASK, rates));
        assertEquals(written, written(), "nothing is trained again");
        requireSame(tune(List.of(STAYS)), tuneWithCells(TASK, List.of(STAYS)));
        assertEquals(3, count("cell.json"));
        assertEquals(2, count("parameters.safetensors"), "those of the other grid's best cell");
        requireSame(fresh, tuneWithCells(TASK, rates));
        assertEquals(1, count("parameters.safetensors"));
    }

    @Test
    void otherRowsAreAnotherCell() throws IOException {
        tuneWithCells(TASK, List.of(LEARNS));
        tuneWithCells(new TaskData<>(TASK.info(), 13, ROWS, ROWS, ROWS, 0.5, List.of(), "decaf"), List.of(LEARNS));
        assertEquals(2, count("cell.json"));
    }

    @Test
    void theHashIsOfAllThatTuningReads() {
        List<Example> rows = List.of(new Example("a", "x"), new Example("b", List.of("y", "z")));
        Set<String> hashes = new HashSet<>();
        for (List<Example> other : List.of(rows, rows.subList(0, 1), List.of(rows.get(1), rows.get(0)), List.of(rows.get(0), new Example("b", List.of("yz"))),
            List.of(rows.get(0), new Example("b", "y"), new Example("z", "z")))) {
            hashes.add(hash(TaskType.CLASSIFICATION, "ACC", other, rows));
            hashes.add(hash(TaskType.CLASSIFICATION, "ACC", rows, other));
        }
        hashes.add(hash(TaskType.GENERATION, "ACC", rows, rows));
        hashes.add(hash(TaskType.CLASSIFICATION, "EM", rows, rows));
        assertEquals(11, hashes.size());
        assertEquals(hash(TaskType.QA, "EM", rows, rows), hash(TaskType.QA, "EM", rows, rows));
    }

    private static String hash(TaskType type, String metric, List<Example> train, List<Example> dev) {
        return TuningHash.of(new TaskSample(new TaskInfo("tiny", type, metric), 13, train, dev, List.of()));
    }

    private Tuned tuneWithCells(TaskData<EncodedExample> task, List<Double> rates) {
        try (CellStore store = CellStore.open(folder.resolve("cells"), Map.of())) {
            return tune(task, rates, 20, new StudyCells(store, "lora", RunResult.UNPRIMED, 7));
        }
    }

    private static void requireSame(Tuned expected, Tuned found) {
        assertArrayEquals(expected.values(), found.values());
        assertEquals(expected.outcome().trial(), found.outcome().trial());
        assertEquals(expected.outcome().testScore(), found.outcome().testScore());
        assertEquals(expected.outcome().curve(), found.outcome().curve());
        assertEquals(expected.outcome().diverged(), found.outcome().diverged());
    }

    private long count(String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith(name)).count();
        }
    }

    // When the last file or folder was written.
    private FileTime written() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(FewShotTuningTest::time).max(Comparator.naturalOrder()).orElseThrow();
        }
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
