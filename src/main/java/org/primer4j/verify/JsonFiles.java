package org.primer4j.verify;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/** Reads the JSON files of a golden folder. */
final class JsonFiles {

    private static final JsonMapper JSON = new JsonMapper();

    private JsonFiles() {}

    /** @throws BadInputException if the file is missing or no JSON */
    static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected a part of a golden case.", e);
        } catch (JacksonException e) {
            throw new BadInputException(file + ": is no JSON (line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
                + "); expected a part of a golden case.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    /** @throws BadInputException if the field is missing */
    static JsonNode field(Path file, JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new BadInputException(file + ": the field '" + name + "' is missing; expected a part of a golden case.");
        }
        return value;
    }
}
