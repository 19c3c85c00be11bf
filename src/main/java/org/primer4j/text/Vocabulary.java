package org.primer4j.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.primer4j.BadInputException;

/**
 * What a {@code tokenizer.json} says of its tokens. The tokenizer's own binding does not tell.
 *
 * @param name    the file, for messages
 * @param size    number of different ids, added tokens included; Hugging Face's {@code len(tokenizer)}
 * @param maxId   largest id
 * @param special ids of the special tokens by their text, such as {@code </s>}
 */
public record Vocabulary(String name, int size, int maxId, Map<String, Integer> special) {

    public Vocabulary {
        special = Collections.unmodifiableMap(new TreeMap<>(special));
    }

    /** The id of a special token; empty if there is none of that text. */
    public OptionalInt special(String token) {
        Integer id = special.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * Refuses a model that lacks a row for one of these ids. A model may have more rows than ids: T5's has 32,128 for
     * 32,100.
     *
     * @param vocabSize rows of the model's word embedding
     * @throws BadInputException if an id lies outside
     */
    public void requireFits(int vocabSize) {
        if (maxId >= vocabSize) {
            throw new BadInputException(name + ": the tokenizer's largest id is " + maxId + ", but the model has " + vocabSize
                    + " words; expected the tokenizer that belongs to the model.");
        }
    }

    /** @throws BadInputException if the file is no JSON or has no vocabulary */
    static Vocabulary read(byte[] tokenizerJson, String name) {
        JsonNode root = parse(tokenizerJson, name);
        Set<Integer> ids = new HashSet<>();
        JsonNode words = root.path("model").path("vocab");
        if (words.isArray()) {
            // Unigram: a list of [piece, score]; the place is the id.
            for (int id = 0; id < words.size(); id++) {
                ids.add(id);
            }
        } else {
            words.forEach(id -> ids.add(id.asInt(-1)));
        }
        Map<String, Integer> special = new TreeMap<>();
        for (JsonNode token : root.path("added_tokens")) {
            ids.add(token.path("id").asInt(-1));
            if (token.path("special").asBoolean()) {
                special.put(token.path("content").asText(), token.path("id").asInt(-1));
            }
        }
        return of(name, ids, special);
    }

    private static Vocabulary of(String name, Set<Integer> ids, Map<String, Integer> special) {
        if (ids.isEmpty() || ids.contains(-1)) {
            throw new BadInputException(name + ": found " + (ids.isEmpty() ? "no words" : "a word without a number")
                    + "; expected a Hugging Face tokenizer.json with a vocabulary.");
        }
        return new Vocabulary(name, ids.size(), Collections.max(ids), special);
    }

    private static JsonNode parse(byte[] tokenizerJson, String name) {
        try {
            return new JsonMapper().readTree(tokenizerJson);
        } catch (JacksonException e) {
            throw new BadInputException(name + ": the file is no JSON (" + e.getOriginalMessage() + "); expected a Hugging Face tokenizer.json.", e);
        } catch (IOException e) {
            throw new BadInputException(name + ": the file cannot be read (" + e.getMessage() + "); expected a Hugging Face tokenizer.json.", e);
        }
    }
}
