package org.primer4j.peft;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.primer4j.BadInputException;

/** A JSON object of an adapter's folder, with fields that are checked when they are asked for. */
record AdapterJson(Path file, JsonNode root) {

    private static final JsonMapper JSON = JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
    private static final long MOST_BYTES = 10_000_000;
    private static final String FORMAT = "format";
    private static final int VERSION = 1;
    private static final String EXTRAS = "extras";
    /** Fields of every file. */
    private static final Set<String> NEUTRAL = Set.of(MethodFormats.TYPE, AdapterConfig.BASE, AdapterConfig.HEADS, AdapterConfig.MADE_FOR, "task_type",
        "auto_mapping", "peft_version", "revision", "inference_mode");

    /** @throws BadInputException if the file is missing, too large, or no JSON object */
    static AdapterJson read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + ": found " + Files.size(file) + " bytes; expected a small JSON file.");
            }
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.isObject()) {
                throw new BadInputException(file + ": found " + root.getNodeType() + "; expected a JSON object.");
            }
            return new AdapterJson(file, root);
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected a part of an adapter's folder.", e);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ": line " + line + " is no JSON; expected a JSON object.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** A sorted list; null when it is empty, as peft writes it. */
    static void put(ObjectNode root, String field, Collection<String> texts) {
        if (texts.isEmpty()) {
            root.putNull(field);
            return;
        }
        ArrayNode list = root.putArray(field);
        texts.stream().sorted().forEach(list::add);
    }

    /** Indented, ending in a line feed. */
    static byte[] bytes(ObjectNode root) {
        try {
            return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The extras as they are written. */
    static ObjectNode extras(Map<String, Object> extras) {
        ObjectNode root = object().put(FORMAT, VERSION);
        root.set(EXTRAS, JSON.valueToTree(extras));
        return root;
    }

    /** The extras of a file that {@link #extras(Map)} made. */
    Map<String, Object> extras() {
        if (integer(FORMAT) != VERSION) {
            throw bad(FORMAT, VERSION + ", the only version there is");
        }
        require(root.path(EXTRAS).isObject(), EXTRAS, "an object");
        return Collections.unmodifiableMap(JSON.convertValue(root.get(EXTRAS), new TypeReference<Map<String, Object>>() {}));
    }

    /** The file's field, or none. */
    boolean has(String field) {
        return !root.path(field).isMissingNode() && !root.path(field).isNull();
    }

    JsonNode get(String field) {
        return root.path(field);
    }

    String text(String field) {
        require(root.path(field).isTextual(), field, "a text");
        return root.path(field).textValue();
    }

    int integer(String field) {
        require(root.path(field).isIntegralNumber() && root.path(field).canConvertToInt(), field, "a whole number");
        return root.path(field).intValue();
    }

    double number(String field) {
        require(root.path(field).isNumber(), field, "a number");
        return root.path(field).doubleValue();
    }

    boolean flag(String field) {
        require(root.path(field).isBoolean(), field, "true or false");
        return root.path(field).booleanValue();
    }

    /** Texts of a list; empty when the field is null or missing. */
    Set<String> texts(String field) {
        Set<String> texts = new TreeSet<>();
        if (has(field)) {
            require(root.path(field).isArray(), field, "a list of texts");
            root.path(field).forEach(text -> {
                require(text.isTextual(), field, "a list of texts");
                texts.add(text.textValue());
            });
        }
        return texts;
    }

    /**
     * Refuses every field that is on, but for {@code known} and those that say nothing of a method: an option nobody here knows would be
     * silently left out otherwise.
     */
    void requireOff(Set<String> known) {
        for (String field : (Iterable<String>) root::fieldNames) {
            boolean read = known.contains(field) || NEUTRAL.contains(field);
            require(read || isOff(root.get(field)), field, "null or false: this option is not supported");
        }
    }

    private static boolean isOff(JsonNode option) {
        return option.isNull() || option.isBoolean() && !option.booleanValue() || option.isContainerNode() && option.isEmpty();
    }

    void require(boolean holds, String field, String expected) {
        if (!holds) {
            throw bad(field, expected);
        }
    }

    /** The sentence on a field that cannot be used. */
    BadInputException bad(String field, String expected) {
        String found = root.path(field).isMissingNode() ? "nothing" : root.path(field).toString();
        String shown = found.length() > 200 ? found.substring(0, 200) + "..." : found;
        return new BadInputException(file + ": found " + shown + " as '" + field + "'; expected " + expected + ".");
    }
}
