package org.primer4j.experiment.study.spec;

import com.fasterxml.jackson.core.JsonToken;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.spec.YamlNode.Scalar;
import org.primer4j.priming.Algorithm;
import org.primer4j.priming.Recipe;
import org.primer4j.priming.Tunables;

/**
 * A row of the study.
 *
 * @param name   what tables call it
 * @param recipe how it primes
 */
public record RecipeSpec(String name, Recipe recipe) {

    private static final Set<String> OWN = Set.of("name", "algorithm", "tune", "inner");

    /** What all recipes share: the protocol that the rest differs from, and settings for those that have them. */
    record Common(boolean crossFit, YamlNode node, Map<String, Object> settings) {
    }

    static List<RecipeSpec> read(YamlNode node, Common common) {
        List<RecipeSpec> recipes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> used = new HashSet<>();
        for (YamlNode item : node.list("recipes")) {
            RecipeSpec recipe = one(item, common, used);
            recipes.add(recipe);
            if (recipe.name.equals(StudyRun.DIRECT) || !names.add(recipe.name)) {
                throw item.bad("the recipe's name is '" + recipe.name + "'; expected one that is neither another recipe's nor " + StudyRun.DIRECT);
            }
        }
        for (String key : common.settings.keySet()) {
            if (!used.contains(key)) {
                throw common.node.map("priming").get(dashed(key)).bad("priming has the key '" + dashed(key) + "', but no recipe's algorithm has such a setting");
            }
        }
        return recipes;
    }

    private static RecipeSpec one(YamlNode item, Common common, Set<String> used) {
        Set<String> keys = new HashSet<>(OWN);
        keys.addAll(item.map("a recipe").keySet());
        Section section = Section.of("a recipe", item, keys);
        section.required("algorithm");
        section.required("tune");
        Recipe recipe = make(section, () -> base(section, common));
        String name = section.has("name") ? section.name("name") : defaultName(recipe);
        Map<String, Object> changes = new LinkedHashMap<>();
        common.settings.forEach((key, value) -> {
            if (recipe.hasSetting(key)) {
                changes.put(key, value);
                used.add(key);
            }
        });
        changes.putAll(settings(item, OWN));
        return new RecipeSpec(name, make(section, () -> recipe.with(changes)));
    }

    // The recipes' own names have underscores where the file's keys have dashes.
    private static Recipe make(Section section, Supplier<Recipe> made) {
        return section.make(() -> {
            try {
                return made.get();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(dashed(e.getMessage()), e);
            }
        });
    }

    private static Recipe base(Section section, Common common) {
        Algorithm algorithm = Algorithm.of(section.text("algorithm"));
        Tunables tune = Tunables.of(section.text("tune"));
        Tunables inner = section.has("inner") ? Tunables.of(section.text("inner")) : null;
        return common.crossFit ? Recipe.crossFit(algorithm, tune, inner) : Recipe.quick(algorithm, tune, inner);
    }

    // Reptile's loops move the same.
    private static String defaultName(Recipe recipe) {
        boolean both = recipe.inner() != null && recipe.algorithm() != Algorithm.REPTILE;
        return recipe.algorithm().text() + "-" + recipe.tune().text() + (both ? "-" + recipe.inner().text() : "");
    }

    /** The settings of a map, but for some keys, by the recipes' own names. */
    static Map<String, Object> settings(YamlNode node, Set<String> without) {
        Map<String, Object> settings = new LinkedHashMap<>();
        node.map("settings").forEach((key, value) -> {
            if (!without.contains(key)) {
                if (key.contains("_")) {
                    throw value.bad("there is no key '" + key + "'; expected dashes, as in '" + dashed(key) + "'");
                }
                settings.put(key.replace('-', '_'), plain(key, value));
            }
        });
        return settings;
    }

    private static Object plain(String key, YamlNode node) {
        if (!(node.value() instanceof Scalar scalar) || scalar.token() == JsonToken.VALUE_NULL) {
            throw node.bad(key + " is " + node.shown() + "; expected a number, or true or false");
        }
        try {
            return switch (scalar.token()) {
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_NUMBER_INT -> Integer.valueOf(scalar.text());
                default -> Section.decimal(key, node);
            };
        } catch (NumberFormatException tooLarge) {
            throw node.bad(key + " is " + node.shown() + "; expected a smaller whole number");
        }
    }

    private static String dashed(String text) {
        return text.replace('_', '-');
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        recipe.toMap().forEach((key, value) -> {
            if (value != null) {
                map.put(dashed(key), value);
            }
        });
        return map;
    }
}
