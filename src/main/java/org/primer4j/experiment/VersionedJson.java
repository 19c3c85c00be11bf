package org.primer4j.experiment;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/**
 * Reads and writes one kind of JSON file, strictly: unknown, missing or repeated fields and NaN are refused.
 *
 * @param <T> the file's content, a record whose component {@code schemaVersion} says its layout
 */
public final class VersionedJson<T> {

    private static final JsonMapper JSON = StrictJson.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Class<T> type;
    private final int version;
    private final String what;

    /**
     * @param type    the record
     * @param version the one schema version that is read
     * @param what    the file in words, as "results.json of an experiment"
     */
    public VersionedJson(Class<T> type, int version, String what) {
        this.type = type;
        this.version = version;
        this.what = what;
    }

    /**
     * The content of {@code file}.
     *
     * @throws BadInputException if it is missing, malformed, of another schema version, or holds invalid values
     */
    public T read(Path file) {
        byte[] bytes = bytes(file);
        try {
            refuseOtherVersion(file, bytes);
            return JSON.readValue(bytes, type);
        } catch (JsonProcessingException malformed) {
            throw new BadInputException(sentence(file, malformed), malformed);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    /**
     * Writes {@code file} whole or not at all.
     *
     * @throws BadInputException if it cannot be written
     */
    public void write(Path file, T content) {
        AtomicText.write(file, toJson(content) + "\n");
    }

    /** The content as indented JSON. */
    public String toJson(T content) {
        try {
            return JSON.writeValueAsString(content);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException("a valid record did not serialise", impossible);
        }
    }

    private byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw new BadInputException("%s is not there, expected the %s".formatted(file, what), missing);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private BadInputException unreadable(Path file, IOException cause) {
        return new BadInputException("%s cannot be read (%s), expected the %s".formatted(file, cause.getMessage(), what), cause);
    }

    /** Looked at first, so that a newer file is called newer and not full of unknown fields. */
    private void refuseOtherVersion(Path file, byte[] bytes) throws IOException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadInputException("%s, line 1: found no object, expected the %s".formatted(file, what));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("schemaVersion")) {
                    requireVersion(file, parser);
                    return;
                }
                parser.skipChildren();
            }
        }
    }

    private void requireVersion(Path file, JsonParser parser) throws IOException {
        String found = parser.getText();
        if (!found.equals(String.valueOf(version))) {
            throw new BadInputException("%s, line %d: schemaVersion is %s, expected %d: use the version of primer that wrote it"
                    .formatted(file, parser.currentTokenLocation().getLineNr(), shown(found), version));
        }
    }

    private String sentence(Path file, JsonProcessingException malformed) {
        String where = malformed.getLocation() == null ? "" : ", line " + malformed.getLocation().getLineNr();
        return "%s%s: %s, expected the %s in schema version %d".formatted(file, where, problem(malformed), what, version);
    }

    private static String problem(JsonProcessingException malformed) {
        if (malformed instanceof UnrecognizedPropertyException unknown) {
            return "found the unknown field " + shown(unknown.getPropertyName());
        }
        if (malformed instanceof ValueInstantiationException invalid && invalid.getCause() != null) {
            return shown(path(invalid) + invalid.getCause().getMessage());
        }
        if (malformed instanceof JsonMappingException mapping) {
            return shown(path(mapping) + mapping.getOriginalMessage());
        }
        return shown(malformed.getOriginalMessage());
    }

    private static String path(JsonMappingException mapping) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            path.append(step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
        }
        return path.isEmpty() ? "" : path.substring(path.charAt(0) == '.' ? 1 : 0) + ": ";
    }

    /** Hostile text in a sentence: one line, no control characters, not endless. */
    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
