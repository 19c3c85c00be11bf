package org.primer4j.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenTokenizerTest {

    @ParameterizedTest
    @ValueSource(strings = {"bpe", "wordpiece"})
    void equalsTheGoldenIds(String name) throws IOException {
        Path folder = Path.of("../shared/golden/tokenizer", name);
        assumeTrue(Files.isDirectory(folder));
        JsonNode expected = new JsonMapper().readTree(folder.resolve("expected.json").toFile());
        try (Tokenizer tokenizer = Tokenizer.of(folder.resolve("tokenizer.json"))) {
            assertEquals(expected.get("vocab_size").intValue(), tokenizer.vocabulary().size());
            checkSingles(expected.get("single"), tokenizer);
            checkPairs(expected.get("pairs"), tokenizer);
            checkTruncated(expected.get("padded_batch"), tokenizer);
        }
    }

    private static void checkSingles(JsonNode singles, Tokenizer tokenizer) {
        for (JsonNode single : singles) {
            String text = single.get("text").textValue();
            assertArrayEquals(ints(single.get("ids")), tokenizer.encode(text, 10_000), text);
            assertEquals(single.get("decoded").textValue(), tokenizer.decode(ints(single.get("ids")), true));
            assertEquals(single.get("decoded_with_special").textValue(), tokenizer.decode(ints(single.get("ids")), false));
        }
    }

    private static void checkPairs(JsonNode pairs, Tokenizer tokenizer) {
        for (JsonNode pair : pairs) {
            String first = pair.get("first").textValue();
            Encoding encoding = tokenizer.encodePair(first, pair.get("second").textValue(), 10_000);
            assertArrayEquals(ints(pair.get("ids")), encoding.ids(), first);
            assertArrayEquals(ints(pair.get("type_ids")), encoding.typeIds(), first);
        }
    }

    /** The golden batch is padded, too: where its mask is 0. */
    private static void checkTruncated(JsonNode batch, Tokenizer tokenizer) {
        for (int i = 0; i < batch.get("texts").size(); i++) {
            String text = batch.get("texts").get(i).textValue();
            int[] padded = ints(batch.get("ids").get(i));
            int length = IntStream.of(ints(batch.get("attention_mask").get(i))).sum();
            assertArrayEquals(Arrays.copyOf(padded, length), tokenizer.encode(text, batch.get("max_length").intValue()), text);
        }
    }

    private static int[] ints(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    }
}
