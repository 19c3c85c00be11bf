package org.primer4j.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/** The JSON files of stored cells. */
final class CellJson {

    private static final JsonMapper JSON = StrictJson.builder().build();

    private CellJson() {
    }

    static byte[] bytes(Object value) {
        return bytes(JSON.writer(), value);
    }

    /** As {@link #bytes}, with the entries of every map sorted by name. */
    static byte[] sortedBytes(Object value) {
        return bytes(JSON.writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS), value);
    }

    private static byte[] bytes(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsBytes(value);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException("a valid record did not serialise", impossible);
        }
    }

    /** A class with its type parameters. */
    static JavaType type(Class<?> raw, Class<?>... parameters) {
        return JSON.getTypeFactory().constructParametricType(raw, parameters);
    }

    /** A class with its one type parameter, which has some itself. */
    static JavaType type(Class<?> raw, JavaType parameter) {
        return JSON.getTypeFactory().constructParametricType(raw, parameter);
    }

    /** @throws BadInputException if the file is missing, malformed or holds invalid values */
    static <T> T read(Path file, TypeReference<T> type) {
        return read(file, JSON.constructType(type));
    }

    /** As {@link #read(Path, TypeReference)}. */
    static <T> T read(Path file, JavaType type) {
        try {
            T value = JSON.readValue(Files.readAllBytes(file), type);
            if (value == null) {
                throw damaged(file, "is null");
            }
            return value;
        } catch (NoSuchFileException e) {
            throw damaged(file, "is missing");
        } catch (JsonProcessingException e) {
            throw damaged(file, "is malformed (line " + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ")");
        } catch (IOException e) {
            throw damaged(file, "cannot be read (" + e.getMessage() + ")");
        }
    }

    static BadInputException damaged(Path file, String what) {
        return new BadInputException(file + ": the file " + what + "; delete the folder " + file.getParent() + " to have it made again.");
    }
}
