package org.primer4j.experiment.study.spec;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tasks prime, choose and test. Each is a list of names, or null for the gym's own split.
 *
 * @param train tasks to prime on
 * @param dev   tasks that choose the best priming step; may be empty
 * @param test  tasks to tune on
 */
public record TaskSpec(List<String> train, List<String> dev, List<String> test) {

    static final String SPLIT = "split";

    private static final Set<String> KEYS = Set.of("train", "dev", "test");

    /** @throws IllegalArgumentException naming a task that is in two of the lists */
    public TaskSpec {
        train = train == null ? null : List.copyOf(train);
        dev = dev == null ? null : List.copyOf(dev);
        test = test == null ? null : List.copyOf(test);
        refuseLeaks(train, dev, test);
    }

    /**
     * Refuses a task that would be learned from and reported on.
     *
     * @throws IllegalArgumentException naming the task and its lists
     */
    static void refuseLeaks(List<String> train, List<String> dev, List<String> test) {
        Map<String, String> seen = new HashMap<>();
        note("train", train, seen);
        note("dev", dev, seen);
        note("test", test, seen);
    }

    private static void note(String list, List<String> tasks, Map<String, String> seen) {
        for (String task : tasks == null ? List.<String>of() : tasks) {
            String other = seen.put(task, list);
            if (other != null) {
                throw new IllegalArgumentException("the task " + task + " is among " + other + " and " + list
                        + ", so that the study would leak; expected every task in one of them");
            }
        }
    }

    static TaskSpec read(YamlNode node) {
        if (node == null) {
            return new TaskSpec(null, null, null);
        }
        Section section = Section.of("tasks", node, KEYS);
        return section.make(() -> new TaskSpec(names(section, "train"), names(section, "dev"), names(section, "test")));
    }

    private static List<String> names(Section section, String key) {
        if (!section.has(key)) {
            return null;
        }
        YamlNode node = section.get(key);
        if (node.isList()) {
            // No dev task is a choice; an empty train or test list is none.
            return key.equals("dev") && node.list(key).isEmpty() ? List.of() : section.texts(key);
        }
        if (!SPLIT.equals(section.text(key))) {
            throw node.bad(key + " is " + node.shown() + "; expected '" + SPLIT + "' for the gym's own, or a list of tasks");
        }
        return null;
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("train", train == null ? SPLIT : train);
        map.put("dev", dev == null ? SPLIT : dev);
        map.put("test", test == null ? SPLIT : test);
        return map;
    }
}
