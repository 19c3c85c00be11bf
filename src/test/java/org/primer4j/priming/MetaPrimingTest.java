package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.EncodedExample;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PromptTuning;

class MetaPrimingTest {

    private static final PeftMethod ADAPTER = new BottleneckAdapter(5, Placement.HOULSBY);

    @TempDir
    static Path folder;
    private static TinyTasks tasks;

    @BeforeAll
    static void read() {
        tasks = TinyTasks.read(folder);
    }

    private static Recipe recipe(String algorithm, String tune, String inner) {
        Recipe quick = Recipe.quick(Algorithm.of(algorithm), Tunables.of(tune), Tunables.of(inner));
        return quick.with(Map.of("tasks_per_step", 2, "steps", 2, "inner_steps", 2, "inner_batch", 4, "inner_rate", 0.1, "warmup", 0,
            "learning_rate", quick.algorithm().hasOuterGradient() ? 1e-3 : 0.5));
    }

    private static Set<String> moved(Primed primed) {
        return primed.model().weights().keySet().stream()
            .filter(name -> !Arrays.equals(floats(tasks.model().weights(), name), floats(primed.model().weights(), name))).collect(Collectors.toSet());
    }

    private static float[] floats(Map<String, TensorData> tensors, String name) {
        return tensors.get(name).floats();
    }

    @ParameterizedTest
    @CsvSource({
        "maml, plm, plm", "maml, plm, peft", "maml, peft, peft", "maml, both, peft", "maml, both, both",
        "fomaml, plm, plm", "fomaml, plm, peft", "fomaml, peft, peft", "fomaml, both, peft", "fomaml, both, both",
        "anil, plm, plm", "anil, plm, peft", "anil, peft, peft", "anil, both, peft", "anil, both, both",
        "reptile, plm, plm", "reptile, peft, peft", "reptile, both, both"})
    void everyChoiceMovesWhatItSaysAndNothingElse(String algorithm, String tune, String inner) {
        Recipe recipe = recipe(algorithm, tune, inner);
        PeftMethod method = recipe.involvesPeft() ? ADAPTER : null;
        List<PrimingStep> heard = new ArrayList<>();
        Primed primed = tasks.prime(recipe, method, heard::add);
        assertEquals(2, heard.size());
        heard.forEach(step -> assertTrue(Double.isFinite(step.loss()) && step.loss() > 0, step.toString()));
        assertNotEquals(heard.get(0).loss(), heard.get(1).loss());
        assertTrue(primed.result().tokens() > 0 && primed.bytes() > 0);
        assertEquals(2 * 2 * (2 * 4 + (algorithm.equals("reptile") ? 0 : 4)), primed.result().examples());
        assertEquals(recipe.tune().plm(), !moved(primed).isEmpty(), "moved " + moved(primed));
        assertEquals(recipe.tune().peft(), !primed.peftStart().isEmpty());

        List<Double> again = new ArrayList<>();
        tasks.prime(recipe.with(Map.of("validate_every", 1, "validation_steps", 2)), method, step -> again.add(step.loss()));
        assertEquals(heard.stream().map(PrimingStep::loss).toList(), again);
    }

    /** LoRA's layers train their base weight beside the factors. */
    @ParameterizedTest
    @CsvSource({"mtl, both,", "maml, both, peft", "maml, both, both", "maml, plm, peft", "reptile, both, both"})
    void theModelMovesUnderLora(String algorithm, String tune, String inner) {
        Recipe recipe = inner == null ? TinyTasks.multiTask(Tunables.of(tune), 2, Validation.NONE) : recipe(algorithm, tune, inner);
        Primed primed = tasks.prime(recipe, Lora.queryValue(3, 6));
        assertTrue(moved(primed).contains("encoder.layer.0.attention.self.query.weight"), moved(primed).toString());
        assertEquals(recipe.tune().peft(), !primed.peftStart().isEmpty());
    }

    @Test
    void startValuesMoveAwayFromWhereTheyStart() {
        Recipe recipe = recipe("maml", "peft", "peft");
        Primed two = tasks.prime(recipe, ADAPTER);
        Primed one = tasks.prime(recipe.with(Map.of("steps", 1)), ADAPTER);
        assertEquals(one.peftStart().keySet(), two.peftStart().keySet());
        assertTrue(one.peftStart().keySet().stream().anyMatch(name -> !Arrays.equals(floats(one.peftStart(), name), floats(two.peftStart(), name))));
    }

    /** Second-order and first-order gradients are not the same. */
    @Test
    void mamlIsNotFomaml() {
        Map<String, Object> alike = Map.of("tasks_per_step", 2, "steps", 1, "inner_steps", 2, "inner_batch", 4, "inner_rate", 0.1, "warmup", 0,
            "learning_rate", 1e-3);
        Primed maml = tasks.prime(Recipe.quick(Algorithm.MAML, Tunables.PEFT, null).with(alike), ADAPTER);
        Primed fomaml = tasks.prime(Recipe.quick(Algorithm.FOMAML, Tunables.PEFT, null).with(alike), ADAPTER);
        assertEquals(maml.result().curve().get(0).loss(), fomaml.result().curve().get(0).loss(), 1e-6);
        assertTrue(maml.peftStart().keySet().stream().anyMatch(name -> !Arrays.equals(floats(maml.peftStart(), name), floats(fomaml.peftStart(), name))));
    }

    @ParameterizedTest
    @CsvSource({"maml, true", "maml, false", "anil, true"})
    void learnedRatesAreThoseOfTheStepThatIsKept(String algorithm, boolean looks) {
        Recipe recipe = recipe(algorithm, "peft", "peft").with(Map.of("steps", 3, "learn_inner_rates", true));
        Primed primed = tasks.prime(looks ? recipe.with(Map.of("validate_every", 1, "patience", 1, "validation_steps", 1, "validation_rate", 1e-9)) : recipe,
            ADAPTER);
        assertEquals(looks, primed.bestStep() < primed.result().steps(), "kept step " + primed.bestStep());
        assertEquals(primed.peftStart().keySet(), primed.innerRates().keySet());
        // The rate falls linearly over 3 steps, and AdamW's first steps are as long as it is.
        double most = IntStream.range(0, primed.bestStep()).mapToDouble(step -> 1e-3 * (3 - step) / 3).sum();
        primed.innerRates().forEach((name, rate) -> {
            boolean adapted = algorithm.equals("maml") || name.contains("layer.1.");
            assertTrue(adapted ? Math.abs(rate - 0.1) < 1.01 * most : rate == 0, name + " " + rate);
        });
        // Not all move at once: one factor of an adapter starts at zero.
        assertTrue(primed.innerRates().values().stream().anyMatch(rate -> rate != 0 && Math.abs(rate - 0.1) > 0.9e-3), primed.innerRates().toString());
        assertEquals(Map.of(), tasks.prime(recipe(algorithm, "peft", "peft"), ADAPTER).innerRates());
    }

    /** Second derivatives have half the room, but not where a row needs more. */
    @Test
    void aRowThatFillsTheRoomIsLearnedFrom() {
        int longest = tasks.train().stream().flatMap(task -> Stream.concat(task.train().stream(), task.dev().stream())).mapToInt(EncodedExample::tokens)
            .max().orElseThrow();
        Recipe recipe = recipe("maml", "peft", "peft");
        Primed whole = tasks.prime(recipe, ADAPTER);
        Primed parts = tasks.withRoom(longest).prime(recipe, ADAPTER);
        whole.peftStart().forEach((name, tensor) -> assertArrayEquals(tensor.floats(), parts.peftStart().get(name).floats(), 2e-4f, name));
        String said = assertThrows(BadInputException.class, () -> tasks.withRoom(longest - 1).prime(recipe, ADAPTER)).getMessage();
        assertTrue(said.contains("has a row of " + longest + " tokens"), said);
    }

    /** A prompt stands before the first layer. */
    @Test
    void anilHasNothingToAdaptInAPrompt() {
        String said = assertThrows(BadInputException.class, () -> tasks.prime(recipe("anil", "peft", "peft"), new PromptTuning(2))).getMessage();
        assertTrue(said.startsWith("ANIL's inner loop moves the last layer only"), said);
    }

    @ParameterizedTest
    @CsvSource({"maml, true, false", "maml, false, true", "anil, true, true"})
    void mamlsOptionsBear(String algorithm, boolean multiStep, boolean learnRates) {
        Recipe plain = recipe(algorithm, "peft", "peft").with(Map.of("steps", 3));
        Recipe options = plain.with(Map.of("multi_step_loss", multiStep, "learn_inner_rates", learnRates));
        Map<String, TensorData> expected = tasks.prime(plain, ADAPTER).peftStart();
        Map<String, TensorData> found = tasks.prime(options, ADAPTER).peftStart();
        assertTrue(found.keySet().stream().anyMatch(name -> !Arrays.equals(floats(expected, name), floats(found, name))));
        Map<String, TensorData> twice = tasks.prime(options, ADAPTER).peftStart();
        found.forEach((name, tensor) -> assertArrayEquals(tensor.floats(), twice.get(name).floats(), name));
    }
}
