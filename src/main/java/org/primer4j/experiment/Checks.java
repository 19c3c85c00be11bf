package org.primer4j.experiment;

import java.util.Arrays;
import java.util.List;

/** Checks of record components; each throws IllegalArgumentException with the component's name and value. */
final class Checks {

    private Checks() {
    }

    static <T> T present(String name, T value) {
        require(value != null, name, "missing", "a value");
        return value;
    }

    /** An unmodifiable copy of a list without nulls. */
    static <T> List<T> list(String name, List<T> list) {
        for (T item : present(name, list)) {
            present("an item of " + name, item);
        }
        return List.copyOf(list);
    }

    static void notBlank(String name, String value) {
        require(!present(name, value).isBlank(), name, "blank", "a name");
    }

    static void oneOf(String name, String value, String... allowed) {
        require(Arrays.asList(allowed).contains(present(name, value)), name, '"' + value + '"',
                String.join(" or ", allowed));
    }

    static void finite(String name, double value) {
        require(Double.isFinite(value), name, value, "a finite number");
    }

    static void duration(String name, double seconds) {
        require(Double.isFinite(seconds) && seconds >= 0, name, seconds, "a duration of 0 or more");
    }

    static void notNegative(String name, long value) {
        require(value >= 0, name, value, "0 or more");
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s, expected %s".formatted(name, found, expected));
        }
    }
}
