package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {

    /** All that is possible: algorithm, tune, inner. */
    private static final Set<String> POSSIBLE = new TreeSet<>();

    static {
        List.of("plm", "peft", "both").forEach(tune -> POSSIBLE.add("mtl " + tune + " -"));
        for (String algorithm : List.of("maml", "fomaml", "anil")) {
            for (String choice : List.of("plm plm", "plm peft", "peft peft", "both peft", "both both")) {
                POSSIBLE.add(algorithm + " " + choice);
            }
        }
        List.of("plm", "peft", "both").forEach(tune -> POSSIBLE.add("reptile " + tune + " " + tune));
    }

    static List<Recipe> recipes() {
        List<Recipe> recipes = new ArrayList<>();
        for (String choice : POSSIBLE) {
            String[] words = choice.split(" ");
            Tunables inner = words[2].equals("-") ? null : Tunables.of(words[2]);
            recipes.add(Recipe.crossFit(Algorithm.of(words[0]), Tunables.of(words[1]), inner));
            recipes.add(Recipe.quick(Algorithm.of(words[0]), Tunables.of(words[1]), inner));
        }
        return recipes;
    }

    @Test
    void whatIsPossibleIsWhatIsWritten() {
        Set<String> accepted = new TreeSet<>();
        for (Algorithm algorithm : Algorithm.values()) {
            Recipe usual = Recipe.crossFit(algorithm, Tunables.PLM, null);
            for (Tunables tune : Tunables.values()) {
                for (Tunables inner : new Tunables[] {null, Tunables.PLM, Tunables.PEFT, Tunables.BOTH}) {
                    try {
                        new Recipe(algorithm, tune, inner, usual.outer(), usual.loop(), usual.validation());
                        accepted.add(algorithm.text() + " " + tune.text() + " " + (inner == null ? "-" : inner.text()));
                    } catch (IllegalArgumentException e) {
                        assertTrue(e.getMessage().startsWith(algorithm.text() + " cannot have tune " + tune.text()), e.getMessage());
                    }
                }
            }
        }
        assertEquals(POSSIBLE, accepted);
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void settingsComeBack(Recipe recipe) {
        assertEquals(recipe, Recipe.fromMap(recipe.toMap()));
        assertEquals(recipe, recipe.with(Map.of()));
    }

    @Test
    void validationsSettingsComeBack() {
        Recipe recipe = Recipe.quick(Algorithm.MTL, Tunables.PLM, null).with(Map.of("validate_every", 5, "patience", 2, "validation_rate", 1e-3,
            "validation_steps", 7, "validation_batch", 3));
        assertEquals(new Validation(5, 2, 7, 1e-3, 3), recipe.validation());
        assertEquals(recipe, Recipe.fromMap(recipe.toMap()));
    }

    @Test
    void crossFitsNumbersAreTheDefaults() {
        Recipe mtl = Recipe.fromMap(Map.of("algorithm", "mtl", "tune", "plm"));
        assertEquals(List.of(17450, 32, 3e-5, 1047), List.of(mtl.outer().training().steps(), mtl.outer().batch(), mtl.outer().rate(),
            mtl.outer().training().schedule(1).warmup()));
        Recipe maml = Recipe.fromMap(Map.of("algorithm", "maml", "tune", "plm"));
        assertEquals(List.of(6000, 4, 1e-5, 360), List.of(maml.outer().training().steps(), maml.outer().batch(), maml.outer().rate(),
            maml.outer().training().schedule(1).warmup()));
        assertEquals(new InnerLoop(1, 3e-5, 16, false, false), maml.loop());
        assertEquals(new InnerLoop(4, 3e-5, 32, false, false), Recipe.crossFit(Algorithm.FOMAML, Tunables.PLM, null).loop());
        assertEquals(new InnerLoop(4, 1e-5, 16, false, false), Recipe.crossFit(Algorithm.REPTILE, Tunables.PLM, null).loop());
    }

    @ParameterizedTest
    @CsvSource({"maml, plm, plm", "maml, peft, peft", "maml, both, peft", "reptile, both, both", "anil, both, peft"})
    void theInnerLoopHasAUsualChoice(String algorithm, String tune, String inner) {
        assertEquals(Tunables.of(inner), Recipe.crossFit(Algorithm.of(algorithm), Tunables.of(tune), null).inner());
    }

    @ParameterizedTest
    @CsvSource({"mtl, inner_steps", "mtl, tasks_per_step", "maml, batch", "maml, dropout", "fomaml, multi_step_loss", "fomaml, learn_inner_rates",
        "reptile, clip", "reptile, weight_decay", "reptile, multi_step_loss", "anil, stpes"})
    void settingsOfOthersAreRefusedByName(String algorithm, String setting) {
        Recipe recipe = Recipe.crossFit(Algorithm.of(algorithm), Tunables.PLM, null);
        assertFalse(recipe.hasSetting(setting));
        String said = refusal(() -> recipe.with(Map.of(setting, 1)));
        assertTrue(said.contains(algorithm) && said.contains("'" + setting + "'"), said);
    }

    @ParameterizedTest
    @CsvSource({"steps, 1.5, a whole number", "steps, '', a whole number", "learning_rate, x, a number", "embeddings, 1, true or false",
        "inner_steps, 4000000000, a whole number", "learning_rate, NaN, a number"})
    void wrongTypesAreRefusedByName(String setting, String value, String expected) {
        Object typed = value.matches("[0-9]+") ? Long.valueOf(value) : value.matches("[0-9.]+|NaN") ? Double.valueOf(value) : value;
        String said = refusal(() -> Recipe.crossFit(Algorithm.MAML, Tunables.PLM, null).with(Map.of(setting, typed)));
        assertTrue(said.startsWith(setting + " is '") && said.endsWith("expected " + expected), said);
    }

    @Test
    void whatARecipeBeginsWithMustBeThereAndStays() {
        assertTrue(refusal(() -> Recipe.fromMap(Map.of("tune", "plm"))).startsWith("algorithm is missing"));
        assertTrue(refusal(() -> Recipe.fromMap(Map.of("algorithm", "mtl"))).startsWith("tune is missing"));
        assertTrue(refusal(() -> Recipe.fromMap(Map.of("algorithm", "mlt", "tune", "plm"))).contains("mtl, maml, fomaml, reptile, anil"));
        assertTrue(refusal(() -> Recipe.crossFit(Algorithm.MTL, Tunables.PLM, null).with(Map.of("tune", "peft"))).contains("cannot be changed"));
    }

    @ParameterizedTest
    @CsvSource({"steps, 0", "tasks_per_step, 0", "learning_rate, 0", "inner_rate, -1", "inner_steps, 0", "inner_batch, 0", "validate_every, -1", "patience, -1",
        "validation_steps, 0", "validation_rate, 0", "warmup, 2", "clip, -1"})
    void numbersOutOfRangeAreRefused(String setting, int value) {
        assertThrows(IllegalArgumentException.class, () -> Recipe.crossFit(Algorithm.MAML, Tunables.PLM, null).with(Map.of(setting, value)));
    }

    @Test
    void patienceNeedsLooks() {
        Map<String, Object> changes = new LinkedHashMap<>(Map.of("patience", 3, "validate_every", 0));
        assertTrue(refusal(() -> Recipe.quick(Algorithm.MTL, Tunables.PLM, null).with(changes)).contains("never looked at"));
    }

    @ParameterizedTest
    @CsvSource({"validation_steps", "validation_rate", "validation_batch"})
    void howToLookNeedsLooks(String setting) {
        String said = refusal(() -> Recipe.quick(Algorithm.MTL, Tunables.PLM, null).with(Map.of(setting, 3)));
        assertTrue(said.startsWith(setting + " is given, but dev tasks are never looked at"), said);
    }

    private static String refusal(org.junit.jupiter.api.function.Executable what) {
        return assertThrows(IllegalArgumentException.class, what).getMessage();
    }
}
