package org.primer4j.model.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/** {@link ModelConfig} from Hugging Face's {@code config.json}, and small JSON files of a model's folder. */
final class ConfigJson {

    private static final long MOST_BYTES = 10_000_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ConfigJson() {
    }

    static ModelConfig read(Path file) {
        ConfigFields fields = new ConfigFields(file, parse(file));
        try {
            return config(fields);
        } catch (IllegalArgumentException e) {
            throw fields.bad(e.getMessage());
        }
    }

    private static ModelConfig config(ConfigFields fields) {
        // Before the other fields: another architecture names them differently.
        String modelType = fields.text("model_type");
        fields.refuse("quantization_config", "a model with plain weights");
        return switch (modelType) {
            case "bert", "roberta" -> EncoderConfigJson.read(fields);
            case "bart" -> BartConfigJson.read(fields);
            case "t5", "mt5" -> T5ConfigJson.read(fields);
            default -> throw fields.bad("found model_type " + Text.shorten(modelType) + "; expected bert, roberta, bart, t5 or mt5");
        };
    }

    /**
     * Reads a JSON object.
     *
     * @throws BadInputException if the file is missing, too large, or holds something else
     */
    static JsonNode parse(Path file) {
        JsonNode root = tree(file);
        if (!root.isObject()) {
            throw new BadInputException(file + ": found " + root.getNodeType() + "; expected a JSON object.");
        }
        return root;
    }

    private static JsonNode tree(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + ": found " + Files.size(file) + " bytes; expected at most " + MOST_BYTES + ".");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected a part of a model in Hugging Face's format.", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": not JSON: " + Text.shorten(e.getOriginalMessage()) + ".", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** Two spaces a level, ending in a line feed. */
    static String print(ObjectNode json) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        try {
            return JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(lines)).writeValueAsString(json) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of numbers and strings could not be written.", e);
        }
    }
}
