package org.primer4j.gym.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Three tasks for models that write their answer, scored by exact match, and a word-level tokenizer for them: to try and to check
 * the whole chain with a small model that starts from random weights. The demo does not use them; {@code gym demo} writes them. A sample has more rows
 * than CrossFit's, since such a model must learn what words are as well.
 */
public final class TextToTextGym {

    /** Names of the tasks: the same words again, or backwards. */
    public static final String COPY = "copy_words";
    public static final String REVERSE = "reverse_words";
    /** Six different answers of two words: what the sentence is about, and when. */
    public static final String LABEL = "label_sentence";
    /** All three. */
    public static final List<String> TASKS = List.of(COPY, REVERSE, LABEL);

    /** The special tokens' ids, BART's. */
    public static final int BOS = 0;
    public static final int PAD = 1;
    public static final int EOS = 2;
    public static final int UNKNOWN = 3;

    private static final List<String> SPECIAL = List.of("<s>", "<pad>", "</s>", "<unk>");
    private static final int TRAIN_ROWS = 2000;
    private static final int DEV_ROWS = 64;
    private static final int TEST_ROWS = 200;
    private static final List<DemoTask> ALL = List.of(TextToTextTask.copy(), TextToTextTask.reverse(), TextToTextTask.label());

    private TextToTextGym() {
    }

    /**
     * Writes the gym to a folder that is absent or empty; it appears there whole or not at all. Its splits say to prime on
     * copying and labelling, and to test on reversing.
     *
     * @param seed the same seed gives the same bytes
     * @throws org.primer4j.BadInputException if the folder holds something or cannot be written
     */
    public static void write(Path folder, long seed) {
        DemoGym.write(folder, ALL, Map.of("train", List.of(COPY, LABEL), "dev", List.of(), "test", List.of(REVERSE)), (task, number) ->
                Sample.draw(task, number, seed, TRAIN_ROWS, DEV_ROWS, TEST_ROWS));
    }

    /**
     * A Hugging Face {@code tokenizer.json}: one token a word, {@code <s> ... </s>} around each text. It knows the words of
     * the three tasks and their names in brackets, as CrossFit's inputs have them.
     */
    public static byte[] tokenizerJson() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        List<Map<String, Object>> added = new ArrayList<>();
        for (String token : SPECIAL) {
            added.add(Map.of("id", vocabulary.size(), "content", token, "single_word", false, "lstrip", false, "rstrip", false,
                    "normalized", false, "special", true));
            vocabulary.put(token, vocabulary.size());
        }
        TASKS.forEach(task -> vocabulary.put("[" + task + "]", vocabulary.size()));
        TextToTextTask.vocabulary().forEach(word -> vocabulary.put(word, vocabulary.size()));
        return bytes(tokenizer(vocabulary, added));
    }

    private static Map<String, Object> tokenizer(Map<String, Integer> vocabulary, List<Map<String, Object>> added) {
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("version", "1.0");
        tokenizer.put("added_tokens", added);
        tokenizer.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
        tokenizer.put("post_processor", Map.of("type", "TemplateProcessing", "single", template("A"), "pair", template("A", "B"),
                "special_tokens", Map.of("<s>", special("<s>", BOS), "</s>", special("</s>", EOS))));
        tokenizer.put("model", Map.of("type", "WordLevel", "unk_token", "<unk>", "vocab", vocabulary));
        return tokenizer;
    }

    private static List<Map<String, Object>> template(String... texts) {
        List<Map<String, Object>> template = new ArrayList<>();
        for (String text : texts) {
            template.add(Map.of("SpecialToken", Map.of("id", "<s>", "type_id", 0)));
            template.add(Map.of("Sequence", Map.of("id", text, "type_id", 0)));
            template.add(Map.of("SpecialToken", Map.of("id", "</s>", "type_id", 0)));
        }
        return template;
    }

    private static Map<String, Object> special(String token, int id) {
        return Map.of("id", token, "ids", List.of(id), "tokens", List.of(token));
    }

    private static byte[] bytes(Map<String, Object> tokenizer) {
        try {
            return new JsonMapper().writeValueAsBytes(tokenizer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the tokenizer cannot be written as JSON", e);
        }
    }
}
