package org.primer4j.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.Checks;

/**
 * Free-form settings in the form JSON gives back: strings, booleans, integers (int where it fits, else long), finite
 * doubles, null, and lists and string-keyed maps of these. Order is kept. So settings that are written and read again
 * are equal to the first ones.
 */
public final class Settings {

    private Settings() {
    }

    /** An unmodifiable canonical copy; IllegalArgumentException names a value that JSON would not give back. */
    public static Map<String, Object> canonical(Map<?, ?> settings) {
        Map<String, Object> copy = new LinkedHashMap<>();
        Checks.present("settings", settings).forEach((name, value) ->
                copy.put(String.valueOf(name), value(String.valueOf(name), value)));
        return Collections.unmodifiableMap(copy);
    }

    private static Object value(String name, Object value) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof Integer) {
            return value;
        }
        if (value instanceof Short || value instanceof Byte || value instanceof Long) {
            return integer(((Number) value).longValue());
        }
        if (value instanceof Double || value instanceof Float) {
            return decimal(name, value);
        }
        if (value instanceof List<?> list) {
            return list(name, list);
        }
        if (value instanceof Map<?, ?> map) {
            return canonical(map);
        }
        throw new IllegalArgumentException("setting %s is a %s, expected text, a number, true or false, a list or a map"
                .formatted(name, value.getClass().getSimpleName()));
    }

    private static Number integer(long value) {
        if (value == (int) value) {
            return (int) value;
        }
        return value;
    }

    /** Through its text, so that a float 0.1 is the double 0.1. */
    private static double decimal(String name, Object value) {
        double decimal = Double.parseDouble(value.toString());
        Checks.finite("setting " + name, decimal);
        return decimal;
    }

    private static List<Object> list(String name, List<?> list) {
        List<Object> copy = new ArrayList<>();
        list.forEach(item -> copy.add(value(name, item)));
        return Collections.unmodifiableList(copy);
    }
}
