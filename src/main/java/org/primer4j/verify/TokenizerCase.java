package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.primer4j.text.Encoding;
import org.primer4j.text.Tokenizer;

/** A tokenizer's ids of single texts, pairs and a truncated batch, the texts of ids, and its size: exact equality. */
record TokenizerCase(GoldenCase at) implements GoldenCase.Check {

    private static final String EXPECTED = "expected.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    @Override
    public void run(Consumer<CaseResult> results) {
        Path file = at.path().resolve(EXPECTED);
        JsonNode expected = JsonFiles.read(file);
        try (Tokenizer tokenizer = Tokenizer.of(at.path().resolve(TOKENIZER))) {
            results.accept(result("single", singles(JsonFiles.field(file, expected, "single"), tokenizer)));
            JsonNode singles = JsonFiles.field(file, expected, "single");
            results.accept(result("decoded", decoded(singles, "decoded", true, tokenizer)));
            results.accept(result("decoded_with_special", decoded(singles, "decoded_with_special", false, tokenizer)));
            results.accept(size(JsonFiles.field(file, expected, "vocab_size").asInt(), tokenizer));
            results.accept(result("pairs", pairs(JsonFiles.field(file, expected, "pairs"), tokenizer)));
            results.accept(result("padded_batch", batch(JsonFiles.field(file, expected, "padded_batch"), tokenizer)));
        }
    }

    private CaseResult result(String what, String wrong) {
        String file = at.file(EXPECTED);
        return wrong == null ? CaseResult.compared(file, at.name(), what, 0, 0)
            : CaseResult.failed(file, at.name(), what, what + " of '" + wrong + "' differs.");
    }

    private CaseResult size(int expected, Tokenizer tokenizer) {
        int size = tokenizer.vocabulary().size();
        return CaseResult.compared(at.file(EXPECTED), at.name(), "vocab_size", Math.abs(size - expected), 0);
    }

    // Each gives the first text whose ids differ, or null.

    private static String singles(JsonNode singles, Tokenizer tokenizer) {
        for (JsonNode single : singles) {
            String text = single.path("text").asText();
            if (!Arrays.equals(integers(single.path("ids")), tokenizer.encode(text, NO_LIMIT))) {
                return text;
            }
        }
        return null;
    }

    private static String decoded(JsonNode singles, String field, boolean skipSpecial, Tokenizer tokenizer) {
        for (JsonNode single : singles) {
            if (!single.path(field).asText().equals(tokenizer.decode(integers(single.path("ids")), skipSpecial))) {
                return single.path("text").asText();
            }
        }
        return null;
    }

    private static String pairs(JsonNode pairs, Tokenizer tokenizer) {
        for (JsonNode pair : pairs) {
            String first = pair.path("first").asText();
            Encoding encoding = tokenizer.encodePair(first, pair.path("second").asText(), NO_LIMIT);
            if (!Arrays.equals(integers(pair.path("ids")), encoding.ids()) || !Arrays.equals(integers(pair.path("type_ids")), encoding.typeIds())) {
                return first;
            }
        }
        return null;
    }

    // The batch is padded where its mask is 0; our tokenizer does not pad.
    private static String batch(JsonNode batch, Tokenizer tokenizer) {
        for (int i = 0; i < batch.path("texts").size(); i++) {
            String text = batch.path("texts").get(i).asText();
            int length = Arrays.stream(integers(batch.path("attention_mask").path(i))).sum();
            int[] real = Arrays.copyOf(integers(batch.path("ids").path(i)), length);
            if (!Arrays.equals(real, tokenizer.encode(text, batch.path("max_length").asInt()))) {
                return text;
            }
        }
        return null;
    }

    private static int[] integers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }
}
