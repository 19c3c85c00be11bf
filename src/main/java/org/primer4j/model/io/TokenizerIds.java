package org.primer4j.model.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/** The token ids of a {@code tokenizer.json}, which must all have an embedding. */
final class TokenizerIds {

    private static final JsonMapper JSON = new JsonMapper();

    private TokenizerIds() {
    }

    /**
     * Checks that every id is below the vocabulary's size.
     *
     * @param file named in errors
     * @throws BadInputException if the file is no JSON, or an id is not
     */
    static void check(Path file, byte[] tokenizerJson, int vocabSize) {
        JsonNode root = parse(file, tokenizerJson);
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isArray()) {
            // Unigram: the place is the id.
            require(file, vocabulary.size() - 1L, "the last of the vocabulary", vocabSize);
        } else {
            vocabulary.properties().forEach(entry -> require(file, entry.getValue().asLong(-1), entry.getKey(), vocabSize));
        }
        root.path("added_tokens").forEach(token -> require(file, token.path("id").asLong(-1), token.path("content").asText(), vocabSize));
    }

    private static JsonNode parse(Path file, byte[] tokenizerJson) {
        try {
            return JSON.readTree(tokenizerJson);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": not JSON: " + Text.shorten(e.getOriginalMessage()) + ".", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    private static void require(Path file, long id, String token, int vocabSize) {
        if (id >= vocabSize) {
            throw new BadInputException(file + ": found the token '" + Text.shorten(token) + "' with id " + id
                    + "; expected ids below the model's vocab_size " + vocabSize + ".");
        }
    }
}
