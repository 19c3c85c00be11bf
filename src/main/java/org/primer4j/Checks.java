package org.primer4j;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks of record components; each throws IllegalArgumentException with the component's name and value. */
public final class Checks {

    private Checks() {
    }

    public static <T> T present(String name, T value) {
        require(value != null, name, "missing", "a value");
        return value;
    }

    /** An unmodifiable copy of a list without nulls. */
    public static <T> List<T> list(String name, List<T> list) {
        for (T item : present(name, list)) {
            present("an item of " + name, item);
        }
        return List.copyOf(list);
    }

    public static void notBlank(String name, String value) {
        require(!present(name, value).isBlank(), name, "blank", "a name");
    }

    public static void oneOf(String name, String value, String... allowed) {
        require(Arrays.asList(allowed).contains(present(name, value)), name, '"' + value + '"',
                String.join(" or ", allowed));
    }

    public static void finite(String name, double value) {
        require(Double.isFinite(value), name, value, "a finite number");
    }

    public static void duration(String name, double seconds) {
        require(Double.isFinite(seconds) && seconds >= 0, name, seconds, "a duration of 0 or more");
    }

    /** A SHA-256 in hexadecimal digits. */
    public static void sha256(String name, String value) {
        require(present(name, value).matches("[0-9a-f]{64}"), name, '"' + value + '"', "64 hexadecimal digits");
    }

    /** An unmodifiable copy of a list without nulls, blank names and repeats. */
    public static <T> List<T> distinct(String name, List<T> list) {
        Set<T> seen = new HashSet<>();
        for (T item : list(name, list)) {
            require(!(item instanceof String text) || !text.isBlank(), "an item of " + name, "blank", "a name");
            require(seen.add(item), "an item of " + name, '"' + String.valueOf(item) + "\" twice", "each once");
        }
        return List.copyOf(list);
    }

    /** The list, which must not be empty. */
    public static <T> List<T> some(String name, List<T> list) {
        require(!present(name, list).isEmpty(), name, "empty", "one at least");
        return list;
    }

    public static void version(int found, int expected) {
        require(found == expected, "schemaVersion", found, String.valueOf(expected));
    }

    public static void between(String name, long value, long low, long high) {
        require(low <= value && value <= high, name, value, low + " to " + high);
    }

    public static void notNegative(String name, long value) {
        require(value >= 0, name, value, "0 or more");
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s, expected %s".formatted(name, found, expected));
        }
    }
}
