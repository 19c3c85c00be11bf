package org.primer4j.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.primer4j.BadInputException;

/**
 * What a {@code tokenizer.json} says of its tokens. The tokenizer's own binding does not tell.
 *
 * @param name    the file, for messages
 * @param size    number of different ids, added tokens included; Hugging Face's {@code len(tokenizer)}
 * @param maxId   largest id
 * @param last    the text of the token with that id
 * @param special ids of the special tokens by their text, such as {@code </s>}
 */
public record Vocabulary(String name, int size, int maxId, String last, Map<String, Integer> special) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int SHOWN = 80;

    public Vocabulary {
        special = Collections.unmodifiableMap(new TreeMap<>(special));
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param name the file, for messages
     * @throws BadInputException if the file is no JSON or has no vocabulary
     */
    public static Vocabulary of(byte[] tokenizerJson, String name) {
        JsonNode root = parse(tokenizerJson, name);
        TreeMap<Integer, String> tokens = words(root.path("model").path("vocab"), name);
        Map<String, Integer> special = new TreeMap<>();
        for (JsonNode token : root.path("added_tokens")) {
            String text = token.path("content").asText();
            int id = id(token.path("id"), text, name);
            tokens.put(id, text);
            if (token.path("special").asBoolean()) {
                special.put(text, id);
            }
        }
        if (tokens.isEmpty()) {
            throw new BadInputException(name + ": found no words; expected a Hugging Face tokenizer.json with a vocabulary.");
        }
        return new Vocabulary(name, tokens.size(), tokens.lastKey(), tokens.lastEntry().getValue(), special);
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
            throw new BadInputException(name + ": found the token '" + shown(last) + "' with id " + maxId
                    + "; expected ids below the model's vocab_size " + vocabSize + ".");
        }
    }

    private static TreeMap<Integer, String> words(JsonNode words, String name) {
        TreeMap<Integer, String> tokens = new TreeMap<>();
        if (words.isArray()) {
            // Unigram: a list of [piece, score]; the place is the id.
            words.forEach(word -> tokens.put(tokens.size(), word.path(0).asText()));
        } else {
            words.properties().forEach(entry -> tokens.put(id(entry.getValue(), entry.getKey(), name), entry.getKey()));
        }
        return tokens;
    }

    private static int id(JsonNode id, String token, String name) {
        if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
            throw new BadInputException(name + ": the token '" + shown(token) + "' has the id " + shown(id.toString())
                    + "; expected a whole number from 0 to " + Integer.MAX_VALUE + ".");
        }
        return id.intValue();
    }

    private static JsonNode parse(byte[] tokenizerJson, String name) {
        try {
            return JSON.readTree(tokenizerJson);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(name + ":" + line + ": the file is no JSON (" + shown(e.getOriginalMessage())
                    + "); expected a Hugging Face tokenizer.json.", e);
        } catch (IOException e) {
            throw new BadInputException(name + ": the file cannot be read (" + e.getMessage() + "); expected a Hugging Face tokenizer.json.", e);
        }
    }

    /** Hostile text in a sentence: one line, not endless. */
    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }
}
