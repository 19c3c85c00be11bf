package org.primer4j.model.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/** {@code model.safetensors.index.json}: in which file of the folder each tensor lies. */
final class ShardIndex {

    private static final String MAP = "weight_map";
    private static final int MOST_SHARDS = 10_000;
    /** A plain name: an index must not lead out of its folder. */
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}\\.safetensors");

    private ShardIndex() {
    }

    /** The shard's file name by tensor. */
    static Map<String, String> read(Path file) {
        JsonNode map = ConfigJson.parse(file).path(MAP);
        if (!map.isObject() || map.isEmpty()) {
            throw new BadInputException(file + ": found no " + MAP + "; expected the file of each tensor.");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        map.properties().forEach(entry -> shards.put(entry.getKey(), fileName(file, entry.getKey(), entry.getValue())));
        if (new HashSet<>(shards.values()).size() > MOST_SHARDS) {
            throw new BadInputException(file + ": found more than " + MOST_SHARDS + " files; expected fewer.");
        }
        return shards;
    }

    private static String fileName(Path file, String tensor, JsonNode found) {
        if (found.isTextual() && FILE.matcher(found.textValue()).matches()) {
            return found.textValue();
        }
        throw new BadInputException(file + ": tensor '" + Text.shorten(tensor) + "' lies in " + Text.shorten(found.toString())
                + "; expected the name of a .safetensors file in the same folder.");
    }

    static String write(Map<String, String> shards, long bytes) {
        ObjectNode json = ConfigJson.object();
        json.putObject("metadata").put("total_size", bytes);
        ObjectNode map = json.putObject(MAP);
        shards.forEach(map::put);
        return ConfigJson.print(json);
    }
}
