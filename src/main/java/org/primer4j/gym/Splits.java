package org.primer4j.gym;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.primer4j.BadInputException;

/**
 * Which tasks a model is primed on, chosen by, and reported on.
 *
 * @param train tasks to prime on
 * @param dev   tasks to choose priming settings by
 * @param test  unseen tasks to report on
 */
public record Splits(List<String> train, List<String> dev, List<String> test) {

    private static final JsonMapper JSON = JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    public Splits {
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        test = List.copyOf(test);
    }

    /**
     * Reads {@code {"train": [names], "dev": [names], "test": [names]}}.
     *
     * @param gym where every name must be a task
     * @throws BadInputException if the file is missing or malformed, a task is unknown, or one is listed twice
     */
    public static Splits read(Path file, Gym gym) {
        JsonNode root = parse(file);
        if (!root.isObject() || root.size() != 3) {
            throw new BadInputException(file + ": expected one object with the three lists train, dev and test.");
        }
        Splits splits = new Splits(names(file, root, "train"), names(file, root, "dev"), names(file, root, "test"));
        splits.check(file, gym);
        return splits;
    }

    private static JsonNode parse(Path file) {
        try {
            return JSON.readTree(TextFile.bytes(file));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": the file is not valid JSON (" + e.getOriginalMessage() + ").", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": the file is not UTF-8 JSON (" + e.getMessage() + ").", e);
        }
    }

    private static List<String> names(Path file, JsonNode root, String split) {
        JsonNode list = root.path(split);
        List<String> names = new ArrayList<>();
        for (JsonNode name : list) {
            names.add(name.textValue());
        }
        if (!list.isArray() || names.contains(null)) {
            throw new BadInputException(file + ": '" + split + "' is no list of task names; expected \"" + split + "\": [\"name\", ...].");
        }
        return names;
    }

    private void check(Path file, Gym gym) {
        Set<String> known = new HashSet<>(gym.names());
        Set<String> seen = new HashSet<>();
        for (List<String> split : List.of(train, dev, test)) {
            for (String task : split) {
                if (!known.contains(task)) {
                    throw new BadInputException(file + ": the task '" + task + "' is not in the gym; the nearest names are "
                            + Names.nearest(task, known) + ".");
                }
                if (!seen.add(task)) {
                    throw new BadInputException(file + ": the task '" + task + "' is listed twice; expected every task in one split only.");
                }
            }
        }
    }
}
