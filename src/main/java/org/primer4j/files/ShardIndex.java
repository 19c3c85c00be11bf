package org.primer4j.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/** {@code model.safetensors.index.json}: in which file of its folder each tensor lies. */
public final class ShardIndex {

    private static final String MAP = "weight_map";
    private static final long MOST_BYTES = 50_000_000;
    private static final int MOST_SHARDS = 1000;
    private static final int LONGEST_SHOWN = 120;
    /** A plain name: an index must not lead out of its folder. */
    private static final Pattern FILE = Pattern.compile("\\w[\\w.-]{0,200}\\.safetensors");
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private ShardIndex() {
    }

    /**
     * The file's name by tensor.
     *
     * @throws BadInputException if the index is malformed or names anything else than files beside it
     */
    public static Map<String, String> read(Path index) {
        JsonNode map = tree(index).path(MAP);
        Map<String, String> shards = new LinkedHashMap<>();
        map.properties().forEach(entry -> shards.put(entry.getKey(), fileName(index, entry.getKey(), entry.getValue())));
        int files = new HashSet<>(shards.values()).size();
        if (files == 0 || files > MOST_SHARDS) {
            throw new BadInputException(index + ": found " + files + " file names in " + MAP + "; expected 1 to " + MOST_SHARDS + ".");
        }
        return shards;
    }

    private static String fileName(Path index, String tensor, JsonNode found) {
        if (found.isTextual() && FILE.matcher(found.textValue()).matches()) {
            return found.textValue();
        }
        throw new BadInputException(index + ": found the file name '" + shown(found.asText()) + "' for tensor '" + shown(tensor)
            + "'; expected a .safetensors file in the same folder.");
    }

    // A hostile text must not fill the terminal, or steer it.
    private static String shown(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST_SHOWN)).replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    private static JsonNode tree(Path index) {
        try {
            if (Files.size(index) > MOST_BYTES) {
                throw new BadInputException(index + ": found " + Files.size(index) + " bytes; expected at most " + MOST_BYTES + ".");
            }
            return JSON.readTree(Files.readAllBytes(index));
        } catch (JsonProcessingException e) {
            throw new BadInputException(index + ":" + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ": found what is not JSON;"
                + " expected an object with " + MAP + ".", e);
        } catch (IOException e) {
            throw new BadInputException(index + ": cannot be read (" + e + "); expected a file that you may read.", e);
        }
    }

    /**
     * The index as JSON.
     *
     * @param shards the file's name by tensor
     * @param bytes  of all tensors
     */
    public static byte[] write(Map<String, String> shards, long bytes) {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("metadata").put("total_size", bytes);
        ObjectNode map = json.putObject(MAP);
        shards.forEach(map::put);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of numbers and strings could not be written.", e);
        }
    }
}
