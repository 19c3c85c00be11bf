package org.primer4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.primer4j.BadInputException;

/** Compares the settings that a folder was made under with those asked for. */
public final class SameSettings {

    private SameSettings() {
    }

    /**
     * Refuses settings that differ.
     *
     * @param file   where the first ones stand
     * @param what   was made under them, as "the finished cells"
     * @param stored the first ones
     * @param asked  those of this run
     * @throws BadInputException naming the first setting that differs, with both values
     */
    public static void require(Path file, String what, Map<?, ?> stored, Map<?, ?> asked) {
        compare(file, what, "", stored, asked);
    }

    private static void compare(Path file, String what, String prefix, Map<?, ?> stored, Map<?, ?> asked) {
        TreeSet<String> names = new TreeSet<>();
        stored.keySet().forEach(name -> names.add((String) name));
        asked.keySet().forEach(name -> names.add((String) name));
        for (String name : names) {
            Object before = keyed(stored.get(name));
            Object now = keyed(asked.get(name));
            if (before instanceof Map<?, ?> inner && now instanceof Map<?, ?> other) {
                compare(file, what, prefix + name + ".", inner, other);
            } else if (!Objects.equals(before, now) || stored.containsKey(name) != asked.containsKey(name)) {
                throw new BadInputException(file + ": " + what + " have " + prefix + name + " " + shown(stored, name) + ", but this run has "
                        + shown(asked, name) + "; use the same settings or another folder.");
            }
        }
    }

    // A list of maps is compared item by item, so that the sentence names what differs in one of them.
    private static Object keyed(Object value) {
        if (!(value instanceof List<?> list) || list.stream().noneMatch(Map.class::isInstance)) {
            return value;
        }
        List<Object> items = new ArrayList<>(list);
        Map<String, Object> byNumber = new LinkedHashMap<>();
        items.forEach(item -> byNumber.put(String.valueOf(byNumber.size() + 1), item));
        return byNumber;
    }

    private static String shown(Map<?, ?> settings, String name) {
        return settings.containsKey(name) ? String.valueOf(settings.get(name)) : "no such setting";
    }
}
