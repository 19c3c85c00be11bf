package org.primer4j.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.primer4j.BadInputException;

/** The JSON files of a {@link CellStore}, strictly read, and SHA-256. */
final class CellJson {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private CellJson() {
    }

    static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
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

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
