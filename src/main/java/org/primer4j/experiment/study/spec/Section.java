package org.primer4j.experiment.study.spec;

import com.fasterxml.jackson.core.JsonToken;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.spec.YamlNode.Scalar;
import org.primer4j.gym.Names;

/**
 * The keys of one YAML map, read strictly: a key that is not known is refused with the nearest ones, a value of another
 * type or out of range with what was expected. Getters with a wrapper type give null where the key is absent.
 */
final class Section {

    private static final Pattern NAME = Pattern.compile("[\\w.+ -]{1,60}");
    // YAML 1.1 takes 1e-3 for text, as it has no point.
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private final String name;
    private final YamlNode node;
    private final Map<String, YamlNode> entries;

    private Section(String name, YamlNode node) {
        this.name = name;
        this.node = node;
        this.entries = node.map(name);
    }

    /**
     * Opens a map.
     *
     * @param name  for complaints
     * @param known the keys it may have
     */
    static Section of(String name, YamlNode node, Set<String> known) {
        Section section = new Section(name, node);
        section.entries.forEach((key, value) -> {
            if (!known.contains(key)) {
                throw value.bad(name + " has no key '" + key + "'; the nearest are " + String.join(", ", Names.nearest(key, known)));
            }
        });
        return section;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** A value that must be there. */
    YamlNode required(String key) {
        YamlNode value = entries.get(key);
        if (value == null) {
            throw node.bad(name + " lacks the key '" + key + "'");
        }
        return value;
    }

    /** A value, null where it is absent. */
    YamlNode get(String key) {
        return entries.get(key);
    }

    /** A whole number of at least {@code least}. */
    Integer integer(String key, int least) {
        return has(key) ? integer(key, get(key), least) : null;
    }

    private static Integer integer(String key, YamlNode node, int least) {
        try {
            if (node.value() instanceof Scalar scalar && scalar.token() == JsonToken.VALUE_NUMBER_INT) {
                int number = Integer.parseInt(scalar.text());
                if (number >= least) {
                    return number;
                }
            }
        } catch (NumberFormatException e) {
            // Too large, or written in another base: refused as any other.
        }
        throw bad(key, node, "a whole number of at least " + least);
    }

    /** A whole number. */
    Long integer(String key) {
        if (!has(key)) {
            return null;
        }
        try {
            if (get(key).value() instanceof Scalar scalar && scalar.token() == JsonToken.VALUE_NUMBER_INT) {
                return Long.valueOf(scalar.text());
            }
        } catch (NumberFormatException e) {
            // Refused as any other.
        }
        throw bad(key, get(key), "a whole number");
    }

    /** A finite number. */
    Double decimal(String key) {
        return has(key) ? decimal(key, get(key)) : null;
    }

    static Double decimal(String key, YamlNode node) {
        if (node.value() instanceof Scalar scalar && DECIMAL.matcher(scalar.text()).matches()) {
            double number = Double.parseDouble(scalar.text());
            if (Double.isFinite(number)) {
                return number;
            }
        }
        throw bad(key, node, "a number");
    }

    /** true or false. */
    Boolean bool(String key) {
        if (!has(key)) {
            return null;
        }
        if (get(key).value() instanceof Scalar scalar && (scalar.token() == JsonToken.VALUE_TRUE || scalar.token() == JsonToken.VALUE_FALSE)) {
            return scalar.token() == JsonToken.VALUE_TRUE;
        }
        throw bad(key, get(key), "true or false");
    }

    /** Text on one line, not blank. */
    String text(String key) {
        return has(key) ? text(key, get(key)) : null;
    }

    private static String text(String key, YamlNode node) {
        if (node.value() instanceof Scalar scalar && scalar.token() != JsonToken.VALUE_NULL && scalar.text().matches("\\P{Cntrl}*\\S\\P{Cntrl}*")) {
            return scalar.text();
        }
        throw bad(key, node, "a text");
    }

    /** A name for tables and folders. */
    String name(String key) {
        String found = text(key);
        if (found != null && !NAME.matcher(found).matches()) {
            throw bad(key, get(key), "up to 60 letters, digits, spaces, dots, dashes, underscores and pluses");
        }
        return found;
    }

    /** One of some words. */
    String word(String key, List<String> words) {
        String found = text(key);
        if (found != null && !words.contains(found)) {
            throw bad(key, get(key), "one of " + String.join(", ", words));
        }
        return found;
    }

    /** Whole numbers of at least {@code least}, at least one, each once. */
    List<Integer> integers(String key, int least) {
        return items(key, item -> integer("an item of " + key, item, least));
    }

    /** Numbers, at least one, each once. */
    List<Double> decimals(String key) {
        return items(key, item -> decimal("an item of " + key, item));
    }

    /** Texts, at least one, each once. */
    List<String> texts(String key) {
        return items(key, item -> text("an item of " + key, item));
    }

    private <T> List<T> items(String key, Function<YamlNode, T> item) {
        if (!has(key)) {
            return null;
        }
        Set<T> seen = new HashSet<>();
        List<YamlNode> list = get(key).list(key);
        for (YamlNode each : list) {
            if (!seen.add(item.apply(each))) {
                throw bad("an item of " + key, each, "each once");
            }
        }
        if (list.isEmpty()) {
            throw get(key).bad(key + " is an empty list; expected at least one item");
        }
        return list.stream().map(item).toList();
    }

    private static BadInputException bad(String key, YamlNode node, String expected) {
        return node.bad(key + " is " + node.shown() + "; expected " + expected);
    }

    /** What is made of this section's values; a complaint of what is made gets the file and line. */
    <T> T make(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException | BadInputException e) {
            throw node.bad(name + ": " + SpecErrors.sentence(e));
        }
    }
}
