package org.primer4j.experiment.study.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.experiment.ContentKey;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.run.StudyPlan.PrimingName;
import org.primer4j.experiment.study.run.StudyPlan.RunName;
import org.primer4j.experiment.study.spec.Presets;
import org.primer4j.experiment.study.spec.SpecFile;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.model.io.TensorData;
import org.primer4j.progress.Progress;
import org.primer4j.training.TrainingException;

class StudyTest {

    @TempDir
    static Path folder;
    private static Path file;
    private static Path whole;
    private static StudyResults results;

    @BeforeAll
    static void runOnce() {
        file = MicroStudy.write(folder, MicroStudy.TEXT);
        whole = folder.resolve("whole");
        results = MicroStudy.run(file, whole, Progress.silent());
    }

    @Test
    void everyRunIsThereAndPrimingsOfTheSameContentAreOne() throws IOException {
        assertTrue(results.complete());
        assertEquals(4 * 2 * 2 * 2, results.runs().size());
        assertEquals(4, results.primings().size(), "two of the PLM for all methods, one of PEFT for each method");
        StudyPlan plan = Study.of(MicroStudy.setup(file)).plan();
        assertEquals(3, plan.primingCells());
        assertEquals(plan.primings().get(new PrimingName("mtl-plm", null)).key(), plan.primings().get(new PrimingName("same", null)).key());
        assertEquals(3 * 2 * 2 * 2, plan.tuningCells());
        try (Stream<Path> cells = Files.list(whole.resolve("cells"))) {
            assertEquals(3 + 24, cells.count(), "no scratch is left");
        }
    }

    @Test
    void theFolderSaysHowToRunItAgain() {
        StudySpec again = SpecFile.read(whole.resolve(StudyFolder.EXPERIMENT));
        assertEquals(SpecFile.read(file).withGym(null).toMap(), again.toMap());
    }

    @Test
    void primingChangesWhatTuningFinds() {
        List<Double> direct = losses(StudyRun.DIRECT);
        assertEquals(losses("mtl-plm"), losses("same"));
        assertNotEquals(direct, losses("mtl-plm"));
        assertNotEquals(direct, losses("mtl-peft"));
    }

    private static List<Double> losses(String recipe) {
        return results.runs().stream().filter(run -> run.recipe().equals(recipe)).map(run -> run.curve().get(0).loss()).toList();
    }

    @Test
    void primedModelsAreDeletedWhenAllIsTunedFromThem() throws IOException {
        try (Stream<Path> files = Files.walk(whole.resolve("cells"))) {
            assertEquals(List.of(), files.filter(f -> f.toString().endsWith(".safetensors")).toList());
        }
    }

    /** What a kill between the last tuning and the deletion of what it started from leaves, and one within that deletion. */
    @Test
    void aPrimedModelThatAKillLeftIsDeleted() throws IOException {
        Path out = folder.resolve("left");
        MicroStudy.run(file, out, Progress.silent());
        StudyPlan plan = Study.of(MicroStudy.setup(file)).plan();
        Iterator<ContentKey> primings = plan.primings().values().stream().map(StudyPlan.PrimingCell::key).distinct().iterator();
        try (StudyFolder opened = StudyFolder.open(out, warning -> { })) {
            ContentKey key = primings.next();
            PrimingOutcome outcome = opened.cells().find(key, PrimingOutcome.class).orElseThrow().result();
            try (SharedCells.Claim claim = opened.cells().claim(key)) {
                opened.cells().put(key, outcome, Map.of("plm.weight", TensorData.of(new long[] {1}, 1)));
            }
        }
        Files.writeString(out.resolve("cells").resolve(primings.next().sha256()).resolve("parameters.safetensors"), "forgotten");
        MicroStudy.run(file, out, new Stop(new int[] {0}));
        try (Stream<Path> files = Files.walk(out.resolve("cells"))) {
            assertEquals(List.of(), files.filter(f -> f.toString().endsWith(".safetensors")).toList());
        }
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out));
    }

    /** Stops the study as Ctrl-C does, when it has moved on so many times. */
    record Stop(int[] left) implements Progress {

        @Override
        public void start(String phase, long total) {
            // Only steps count.
        }

        @Override
        public void step(long done, String message) {
            if (left[0]-- == 0) {
                throw new CancellationException("stopped by the test");
            }
        }

        @Override
        public void warn(String line) {
            // Nothing to look at.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    @Test
    void aResumedStudyIsTheSameBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path out = folder.resolve("resumed");
        int stops = 0;
        for (boolean finished = false; !finished;) {
            try {
                MicroStudy.run(file, out, new Stop(new int[] {1 + random.nextInt(25)}));
                finished = true;
            } catch (CancellationException e) {
                stops++;
            }
        }
        assertTrue(stops > 1, "seed " + seed);
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out), "seed " + seed);
    }

    @Test
    void anInterruptedStudyIsTheSameBytes() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path out = folder.resolve("interrupted");
        List<String> warnings = new ArrayList<>();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        Thread worker = Thread.currentThread();
        for (int interrupt = 0; interrupt < 8; interrupt++) {
            Study study = Study.of(MicroStudy.setup(file));
            try (StudyFolder opened = StudyFolder.open(out, warnings::add)) {
                ScheduledFuture<?> alarm = timer.schedule(worker::interrupt, random.nextInt(120), TimeUnit.MILLISECONDS);
                try {
                    study.run(opened, Progress.silent());
                } catch (CancellationException e) {
                    // As expected; it may also have ended before.
                }
                alarm.cancel(false);
            } finally {
                Thread.interrupted();
            }
        }
        timer.shutdownNow();
        Thread.interrupted();
        MicroStudy.run(file, out, Progress.silent());
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out), "seed " + seed);
        assertEquals(List.of(), warnings, "seed " + seed);
    }

    /** What a kill may leave before the first cell. */
    @ParameterizedTest
    @ValueSource(strings = {"", "manifest.json"})
    void aFolderThatIsHardlyBegunIsResumed(String written) throws IOException {
        Path out = Files.createTempDirectory(folder, "begun");
        Files.createDirectories(out.resolve("cells"));
        Files.createFile(out.resolve(".lock"));
        Files.createDirectories(out.resolve("gym-9"));
        if (!written.isEmpty()) {
            Files.copy(whole.resolve(written), out.resolve(written));
        }
        MicroStudy.run(file, out, Progress.silent());
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out));
    }

    @Test
    void theDemosTasksAreThoseOfTheSeed() throws IOException {
        StudySpec spec = Presets.read("smoke");
        try (StudyFolder opened = StudyFolder.open(folder.resolve("demo"), warning -> { })) {
            Path first = opened.demoGym(spec).resolve("film_review/film_review_16_13_train.tsv");
            Path second = opened.demoGym(spec.withSeed(5)).resolve("film_review/film_review_16_13_train.tsv");
            assertNotEquals(Files.readString(first), Files.readString(second));
        }
    }

    @Test
    void whoLooksOnSeesWhatIsDone() {
        Path out = folder.resolve("partial");
        assertThrows(CancellationException.class, () -> MicroStudy.run(file, out, new Stop(new int[] {20})));
        StudySnapshot snapshot = StudySnapshot.read(out);
        assertFalse(snapshot.results().complete());
        MicroStudy.run(file, out, Progress.silent());
        assertEquals(results, StudySnapshot.read(out).results());
        assertFalse(Files.exists(out.resolve(StudyFolder.PARTIAL)));
    }

    @Test
    void aFinishedStudyDoesNothingAgain() {
        Map<String, String> before = MicroStudy.lawful(whole);
        MicroStudy.run(file, whole, new Stop(new int[] {0}));
        assertEquals(before, MicroStudy.lawful(whole));
    }

    @Test
    void aCellThatDivergesIsSaidWhenAllOthersAreThere() throws IOException {
        Path other = MicroStudy.write(Files.createTempDirectory(folder, "diverged"),
            MicroStudy.TEXT.replace("bottleneck: 3}", "bottleneck: 3, rates: [1e38]}"));
        Path out = folder.resolve("diverging");
        String said = assertThrows(TrainingException.class, () -> MicroStudy.run(other, out, Progress.silent())).getMessage();
        assertTrue(said.startsWith("12 cells of the study diverged, and would again; all others are finished. The first is direct houlsby mood 13: "), said);
        StudyResults partial = StudySnapshot.read(out).results();
        assertEquals(16, partial.runs().size());
        assertTrue(partial.runs().stream().allMatch(run -> run.method().equals("lora")));
        assertFalse(Files.exists(out.resolve(StudyFolder.RESULTS)));
    }

    /** Keeps warnings. */
    private record Warnings(List<String> said) implements Progress {

        @Override
        public void start(String phase, long total) {
            // Only warnings count.
        }

        @Override
        public void step(long done, String message) {
            // Only warnings count.
        }

        @Override
        public void warn(String line) {
            said.add(line);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    @Test
    void aTornGridIsBegunAnew() throws IOException {
        Path out = Files.createTempDirectory(folder, "torn");
        ContentKey key = Study.of(MicroStudy.setup(file)).plan().tunings().get(new RunName("mtl-plm", "houlsby", "animal", 21)).key();
        Path scratch = Files.createDirectories(out.resolve("cells").resolve("." + key.sha256() + ".scratch"));
        Files.writeString(scratch.resolve("store.json"), "{");
        List<String> said = new ArrayList<>();
        MicroStudy.run(file, out, new Warnings(said));
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).startsWith("mtl-plm houlsby animal 21: its grid is begun anew (" + scratch), said.toString());
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out));
        assertFalse(Files.exists(scratch));
    }

    @Test
    void aDamagedCellIsMovedAsideAndMadeAgain() throws IOException {
        Path out = folder.resolve("damaged");
        MicroStudy.run(file, out, Progress.silent());
        List<Path> damaged = new ArrayList<>();
        try (Stream<Path> cells = Files.list(out.resolve("cells"))) {
            for (Path cell : cells.sorted().limit(3).toList()) {
                damaged.add(cell.getFileName());
                Path json = cell.resolve("cell.json");
                Files.writeString(json, damaged.size() == 1 ? "{" : Files.readString(json).replaceFirst("\"seconds\":\\d", "\"seconds\":7"));
            }
        }
        List<String> said = new ArrayList<>();
        try (StudyFolder opened = StudyFolder.open(out, said::add)) {
            Study.of(MicroStudy.setup(file)).run(opened, Progress.silent());
        }
        assertEquals(3, said.size(), said.toString());
        assertTrue(said.stream().allMatch(line -> line.contains("damaged") && line.contains(out.resolve("damaged").toString())), said.toString());
        try (Stream<Path> aside = Files.list(out.resolve("damaged"))) {
            assertEquals(damaged.stream().map(Path::toString).collect(Collectors.toSet()),
                aside.map(path -> path.getFileName().toString().substring(0, 64)).collect(Collectors.toSet()));
        }
        assertEquals(MicroStudy.lawful(whole), MicroStudy.lawful(out));
    }

    @Test
    void aChangedSettingChangesTheCellsItBearsOn() throws IOException {
        StudyPlan plan = plan(MicroStudy.TEXT);
        assertEquals(Set.of("houlsby"), changedMethods(plan, plan(MicroStudy.TEXT.replace("bottleneck: 3", "bottleneck: 4"))));
        StudyPlan steps = plan(MicroStudy.TEXT.replace("{name: same, algorithm: mtl, tune: plm, batch: 4}", "{name: same, algorithm: mtl, tune: plm, batch: 5}"));
        assertEquals(Set.of("same"), changed(plan, steps).map(RunName::recipe).collect(Collectors.toSet()));
        assertEquals(keys(plan), keys(plan(MicroStudy.TEXT.replace("name: same", "name: other").replace("name: micro", "name: renamed"))), "names");
        StudyPlan sample = plan(MicroStudy.TEXT.replace("priming: {samples: [13, 21]", "priming: {samples: [13]"));
        assertFalse(changed(plan, sample).anyMatch(name -> name.recipe().equals(StudyRun.DIRECT)), "direct tuning reads no train task");
        assertEquals(plan.tunings().size(), changed(plan, plan(MicroStudy.TEXT.replace("seed: 3", "seed: 4"))).count());
    }

    private static StudyPlan plan(String text) throws IOException {
        Path other = Files.createTempDirectory(folder, "plan");
        return Study.of(MicroStudy.setup(MicroStudy.write(other, text))).plan();
    }

    private static Set<ContentKey> keys(StudyPlan plan) {
        return plan.tunings().values().stream().map(StudyPlan.TuningCell::key).collect(Collectors.toSet());
    }

    private static Stream<RunName> changed(StudyPlan before, StudyPlan after) {
        return before.tunings().keySet().stream().filter(name -> !before.tunings().get(name).key().equals(after.tunings().get(name).key()));
    }

    private static Set<String> changedMethods(StudyPlan before, StudyPlan after) {
        return changed(before, after).map(RunName::method).collect(Collectors.toSet());
    }

    @Test
    void anotherStudysFolderIsRefusedByWhatDiffers() throws IOException {
        assertTrue(refusedIn(whole, MicroStudy.TEXT.replace("bottleneck: 3", "bottleneck: 4")).contains("settings.methods.2.bottleneck 3"), "a method");
        assertTrue(refusedIn(whole, MicroStudy.TEXT.replace("seed: 3", "seed: 4")).contains("seed 3, but this run has 4"), "the seed");
        assertTrue(refusedIn(whole, MicroStudy.TEXT.replace("batch: 4", "batch: 5")).contains("settings.recipes.1.batch 4"), "a recipe");
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("letter.txt"), "dear");
        assertTrue(refusedIn(foreign, MicroStudy.TEXT).contains("found 'letter.txt' but no manifest.json"));
        assertEquals(1, foreign.toFile().list().length, "nothing is written there");
        assertTrue(refusedIn(foreign.resolve("letter.txt"), MicroStudy.TEXT).contains("found a file"));
    }

    private static String refusedIn(Path out, String text) throws IOException {
        Path other = MicroStudy.write(Files.createTempDirectory(folder, "refused"), text.replace("gym: gym", "gym: " + folder.resolve("gym")));
        // The same model's path as the first study's.
        Files.writeString(other, Files.readString(other).replaceFirst("model: .*", "model: " + folder.resolve("model")));
        return assertThrows(BadInputException.class, () -> MicroStudy.run(other, out, Progress.silent())).getMessage();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = '|', value = {
        "train: [weather, food] | train: [weather, fod] | There is no task 'fod'",
        "train: [weather, food], dev: [], test: [mood, animal] | train: split, dev: [], test: [weather] | the task weather is among train and test",
        "tuning: {samples: [13, 21] | tuning: {samples: [13, 5] | tuning.samples: task mood has no sample [5]",
        "samples: [13, 21], steps: 4, learning | samples: [9], steps: 4, learning | priming.samples: task weather has no sample [9]",
        "steps: 4, learning | validate-every: 2, steps: 4, learning | looks at dev tasks every 2 steps, but there are none",
        "method: houlsby, bottleneck: 3 | method: full | The recipe mtl-peft: The method 'full' moves the PLM itself",
        "algorithm: mtl, tune: peft, batch: 4 | algorithm: maml, tune: peft | The recipe mtl-peft: Each step takes 4 different tasks, and there are 2",
        "max-length: 32, max-tokens: 256 | max-length: 900, max-tokens: 1000 | text: max-length is 900",
        "max-tokens: 256 | max-tokens: 256, beams: 2 | text: beams is for models that write"})
    void whatDoesNotFitTogetherIsRefused(String from, String to, String complaint) throws IOException {
        assertTrue(MicroStudy.TEXT.contains(from), from);
        Path other = MicroStudy.write(Files.createTempDirectory(folder, "refused"), MicroStudy.TEXT.replace(from, to));
        String said = assertThrows(BadInputException.class, () -> Study.of(MicroStudy.setup(other))).getMessage();
        assertTrue(said.contains(complaint), said);
    }
}
