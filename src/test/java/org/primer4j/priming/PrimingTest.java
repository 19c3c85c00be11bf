package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.BadInputException;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.RunResult;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.JointScoring;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Combination;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PromptTuning;
import org.primer4j.progress.Progress;
import org.primer4j.training.CurvePoint;
import org.primer4j.training.TaskData;
import org.primer4j.training.TrainingSettings;
import org.primer4j.training.TuningGrid;
import org.primer4j.training.TuningSettings;

class PrimingTest {

    private static final PeftMethod ADAPTER = new BottleneckAdapter(5, Placement.HOULSBY);

    @TempDir
    static Path folder;
    private static TinyTasks tasks;

    @BeforeAll
    static void read() {
        tasks = TinyTasks.read(folder);
    }

    private static List<Double> losses(Recipe recipe, PeftMethod method) {
        List<Double> losses = new ArrayList<>();
        tasks.prime(recipe, method, step -> losses.add(step.loss()));
        return losses;
    }

    @ParameterizedTest
    @CsvSource({"PLM, false", "PEFT, true", "BOTH, true"})
    void theSameSeedGivesTheSameAndLooksDisturbNothing(Tunables tune, boolean peft) {
        PeftMethod method = peft ? ADAPTER : null;
        Recipe blind = TinyTasks.multiTask(tune, 6, Validation.NONE);
        Recipe looking = TinyTasks.multiTask(tune, 6, new Validation(2, 0, 3, 1e-2, 4));
        List<Double> losses = losses(blind, method);
        assertEquals(6, losses.size());
        assertEquals(losses, losses(blind, method));
        assertEquals(losses, losses(looking, method));
    }

    @Test
    void whatDoesNotMoveStays() {
        Primed peft = tasks.prime(TinyTasks.multiTask(Tunables.PEFT, 2, Validation.NONE), ADAPTER);
        assertSame(tasks.model(), peft.model());
        assertFalse(peft.peftStart().isEmpty());
        assertTrue(peft.peftStart().keySet().stream().allMatch(ADAPTER::owns));

        Primed plm = tasks.prime(TinyTasks.multiTask(Tunables.PLM, 2, Validation.NONE), null);
        assertTrue(plm.hasMoved(tasks.model()));
        assertEquals(Map.of(), plm.peftStart());
        assertArrayEquals(floats(tasks.model().weights(), "embeddings.word_embeddings.weight"),
            floats(plm.model().weights(), "embeddings.word_embeddings.weight"));

        Primed both = tasks.prime(TinyTasks.multiTask(Tunables.BOTH, 2, Validation.NONE), ADAPTER);
        assertTrue(both.hasMoved(tasks.model()));
        assertEquals(peft.peftStart().keySet(), both.peftStart().keySet());
    }

    private static float[] floats(Map<String, TensorData> tensors, String name) {
        return tensors.get(name).floats();
    }

    @Test
    void whatAMethodMovesOfTheModelIsTheModels() {
        Primed primed = tasks.prime(TinyTasks.multiTask(Tunables.PEFT, 2, Validation.NONE), new BitFit());
        assertEquals(Map.of(), primed.peftStart());
        List<String> moved = primed.model().weights().keySet().stream()
            .filter(name -> !java.util.Arrays.equals(floats(tasks.model().weights(), name), floats(primed.model().weights(), name))).toList();
        assertFalse(moved.isEmpty());
        assertTrue(moved.stream().allMatch(name -> name.endsWith(".bias")), moved.toString());
    }

    @Test
    void anObjectivesHeadIsTheModels(@TempDir Path other) {
        TinyTasks joint = TinyTasks.read(other, new JointScoring());
        Primed primed = joint.prime(TinyTasks.multiTask(Tunables.PEFT, 2, Validation.NONE), ADAPTER);
        assertTrue(primed.hasMoved(joint.model()));
        assertTrue(primed.peftStart().keySet().stream().allMatch(ADAPTER::owns), primed.peftStart().keySet().toString());
    }

    /** One look after the last step: the score must be that of tuning from what priming leaves, by the ordinary way. */
    @ParameterizedTest
    @CsvSource({"PLM, lora", "PEFT, houlsby", "BOTH, houlsby", "PEFT, bitfit"})
    void theDevScoreIsThatOfTuningFromWhatIsLeft(Tunables tune, String name) {
        PeftMethod method = switch (name) {
            case "lora" -> null;
            case "bitfit" -> new BitFit();
            default -> ADAPTER;
        };
        for (int steps : List.of(1, 5)) {
            Primed primed = tasks.prime(TinyTasks.multiTask(tune, steps, new Validation(1, 0, 6, 1e-2, 4)), method);
            CurvePoint best = primed.result().curve().get(primed.bestStep() - 1);
            TuningSettings settings = new TuningSettings(new TrainingSettings(6, 0.1, 0.1, 0.01, 1), new TuningGrid(List.of(1e-2), List.of(4)), 6);
            try (FewShotStudy<EncodedExample> study = new FewShotStudy<>(primed.model(), primed.peftStart(), tasks.learner(), settings, TinyTasks.DEVICE)) {
                double expected = study.run(method == null ? Lora.queryValue(8, 16) : method, RunResult.PRIMED, withTests(tasks.dev()), 7, Progress.silent(), 0)
                    .stream().mapToDouble(RunResult::devScore).average().orElseThrow();
                assertEquals(expected, best.dev(), 1e-12, tune + " " + name + ", " + steps + " steps");
            }
        }
    }

    private static List<TaskData<EncodedExample>> withTests(List<TaskData<EncodedExample>> samples) {
        return samples.stream().map(t -> new TaskData<>(t.info(), t.sample(), t.train(), t.dev(), t.dev(), 0.5, t.labels(), t.tuningHash())).toList();
    }

    @Test
    void patienceEndsPrimingAndTheBestStepIsKept() {
        Validation patient = new Validation(1, 2, 1, 1e-9, 4);
        // A rate of nothing: every look sees the same score, so that the first is the best.
        Recipe still = new Recipe(Algorithm.MTL, Tunables.PLM, null, new PrimingSettings(new TrainingSettings(50, 0, 0.1, 0, 1), 4, 1e-12, false), null,
            patient);
        Primed primed = tasks.prime(still, null);
        assertEquals(1, primed.bestStep());
        assertEquals(3, primed.result().steps());
        assertEquals(3 * 4, primed.result().examples());

        Primed kept = tasks.prime(TinyTasks.multiTask(Tunables.BOTH, 50, new Validation(1, 1, 1, 1e-9, 4)), ADAPTER);
        List<Double> devs = kept.result().curve().stream().map(CurvePoint::dev).toList();
        assertEquals(kept.bestStep(), 1 + devs.indexOf(devs.stream().max(Double::compare).orElseThrow()));
        assertEquals(Math.min(50, kept.bestStep() + 1), kept.result().steps());
    }

    /** Virtual tokens stand before every sequence. */
    @Test
    void aRowThatIsTooLongBesideAPromptIsRefusedBeforeTheFirstStep() {
        PeftMethod prompt = new PromptTuning(3);
        Recipe recipe = TinyTasks.multiTask(Tunables.PEFT, 8, Validation.NONE);
        int longest = tasks.train().stream().flatMap(task -> task.train().stream()).mapToInt(row -> row.tokens() + 3 * (1 + row.candidates().length)).max()
            .orElseThrow();
        assertEquals(8, tasks.withRoom(longest).prime(recipe, prompt).result().steps());
        List<PrimingStep> heard = new ArrayList<>();
        String said = assertThrows(BadInputException.class, () -> tasks.withRoom(longest - 1).prime(recipe, prompt, heard::add)).getMessage();
        assertTrue(said.startsWith("Task ") && said.contains("longer than the room for one part of a batch; raise --max-tokens"), said);
        assertEquals(List.of(), heard);
    }

    @Test
    void theListenerHearsEveryStep() {
        List<PrimingStep> heard = new ArrayList<>();
        Primed primed = tasks.prime(TinyTasks.multiTask(Tunables.PLM, 5, new Validation(2, 0, 1, 1e-3, 4)), null, heard::add);
        assertEquals(List.of(1, 2, 3, 4, 5), heard.stream().map(PrimingStep::step).toList());
        assertNull(heard.get(0).dev());
        assertEquals(List.of(2, 4, 5), heard.stream().filter(s -> s.dev() != null).map(PrimingStep::step).toList());
        assertEquals(20, heard.get(4).examples());
        assertEquals(primed.result().tokens(), heard.get(4).tokens());
        assertEquals(List.of(3e-3, 3e-3 * 4 / 5), List.of(heard.get(0).rate(), heard.get(1).rate()));
    }

    private static String refusal(Recipe recipe, PeftMethod method, List<TaskData<EncodedExample>> train, List<TaskData<EncodedExample>> dev) {
        return assertThrows(BadInputException.class, () -> new Priming<>(tasks.learner(), TinyTasks.DEVICE).run(tasks.model(), recipe, method, train, dev, 1,
            Progress.silent(), PrimingListener.none())).getMessage();
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        Recipe plm = TinyTasks.multiTask(Tunables.PLM, 1, Validation.NONE);
        Recipe peft = TinyTasks.multiTask(Tunables.PEFT, 1, Validation.NONE);
        assertTrue(refusal(peft, null, tasks.train(), List.of()).contains("no method was given"));
        assertTrue(refusal(peft, new FullTuning(true), tasks.train(), List.of()).contains("'full' moves the PLM itself"));
        assertTrue(refusal(plm, null, List.of(), List.of()).contains("no task to prime on"));
        assertTrue(refusal(plm, null, tasks.train(), tasks.train()).contains("food, weather are both train and dev tasks"));
        Recipe maml = Recipe.quick(Algorithm.MAML, Tunables.PLM, null);
        assertTrue(refusal(maml, null, tasks.train(), List.of()).contains("Each step takes 4 different tasks, and there are 2"));
        List<TaskData<EncodedExample>> noDev = tasks.train().stream()
            .map(t -> new TaskData<>(t.info(), t.sample(), t.train(), List.<EncodedExample>of(), t.test(), t.chance(), t.labels(), t.tuningHash())).toList();
        assertTrue(refusal(maml.with(Map.of("tasks_per_step", 2)), null, noDev, List.of()).contains("has no dev rows"));
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedBeforeTasksAreRead() {
        PeftMethod dropping = new Combination(List.of(new Lora(2, 4, 0.1, Set.of("query")), new ParallelAdapter(3, 1)));
        Recipe meta = Recipe.quick(Algorithm.FOMAML, Tunables.PEFT, null);
        assertTrue(early(meta, dropping).contains("the method lora+parallel has a dropout of 0.1"));
        assertTrue(early(meta.with(Map.of("tasks_per_step", 5)), ADAPTER).contains("Each step takes 5 different tasks, and there are 4"));
        Recipe looking = Recipe.quick(Algorithm.MTL, Tunables.PEFT, null).with(Map.of("validate_every", 1));
        assertTrue(early(looking, dropping).contains("--validation-rate"));
        Priming.require(looking.with(Map.of("validation_rate", 1e-3)), dropping, 1);
        Priming.require(meta, ADAPTER, 4);
    }

    private static String early(Recipe recipe, PeftMethod method) {
        return assertThrows(BadInputException.class, () -> Priming.require(recipe, method, 4)).getMessage();
    }
}
