package org.primer4j.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;

class Seq2SeqTokenizerTest {

    private static final int LONG = 10_000;
    private static final String SMILE = "\ud83d\ude00";

    private static Tokenizer bart;
    private static Tokenizer t5;

    @BeforeAll
    static void open() {
        bart = Seq2SeqTokenizers.of(Seq2SeqTokenizers.BART);
        t5 = Seq2SeqTokenizers.of(Seq2SeqTokenizers.T5);
    }

    @AfterAll
    static void close() {
        bart.close();
        t5.close();
    }

    @Test
    void bartHasATokenAtBothEndsAndT5AtTheEnd() {
        assertArrayEquals(new int[] {0, 4, 7, 6, 5, 2}, bart.encode("a a b", LONG));
        assertArrayEquals(new int[] {4, 5, 6, 1}, t5.encode("red lamps", LONG));
        bart.requireEnds(2);
        t5.requireEnds(1);
    }

    @Test
    void cuttingKeepsTheEndToken() {
        assertArrayEquals(new int[] {0, 4, 7, 2}, bart.encode("a a a a a", 4));
        assertArrayEquals(new int[] {4, 4, 1}, t5.encode("red red red red", 3));
        assertArrayEquals(new int[] {1}, t5.encode("red red", 1));
    }

    @Test
    void anEndTokenWithinTheTextIsCutAsText() {
        assertArrayEquals(new int[] {0, 4, 2, 4, 2}, bart.encode("a</s>a", LONG));
        assertArrayEquals(new int[] {0, 4, 2, 2}, bart.encode("a</s>a", 4));
        assertArrayEquals(new int[] {0, 4, 2}, bart.encode("a</s>a", 3));
    }

    @Test
    void decodingSkipsSpecialTokensWhenAsked() {
        int[] ids = {2, 0, 4, 7, 2, 1, 1};
        assertEquals("a a", bart.decode(ids, true));
        assertEquals("</s><s>a a</s><pad><pad>", bart.decode(ids, false));
        assertEquals("red lamps", t5.decode(new int[] {0, 4, 5, 6, 1}, true));
    }

    @Test
    void anIdWithoutATokenIsLeftOutAndANegativeOneRefused() {
        assertEquals("red lamp", t5.decode(new int[] {4, 32_099, 5, Integer.MAX_VALUE}, true));
        assertThrows(IllegalArgumentException.class, () -> t5.decode(new int[] {4, -100}, true));
    }

    @Test
    void halfACharacterDecodesToTheReplacementCharacter() {
        int[] whole = bart.encode(SMILE, LONG);
        assertEquals(6, whole.length);
        assertEquals(SMILE, bart.decode(whole, true));
        for (int length = 3; length < 6; length++) {
            int[] cut = bart.encode(SMILE, length);
            assertEquals(length, cut.length);
            assertTrue(bart.decode(cut, true).chars().allMatch(c -> c == '\ufffd'), bart.decode(cut, true));
        }
    }

    @Test
    void theVocabularyIsKnown() {
        assertEquals(Map.of("<s>", 0, "<pad>", 1, "</s>", 2, "<unk>", 3, "<mask>", 12), bart.vocabulary().special());
        assertEquals(13, bart.vocabulary().size());
        assertEquals(8, t5.vocabulary().size());
        assertEquals(7, t5.vocabulary().maxId());
        assertEquals(OptionalInt.of(1), t5.vocabulary().special("</s>"));
        assertEquals(OptionalInt.empty(), t5.vocabulary().special("red"));
    }

    @Test
    void aModelWithTooFewWordsIsRefused() {
        t5.vocabulary().requireFits(8);
        t5.vocabulary().requireFits(128);
        assertRefused(() -> t5.vocabulary().requireFits(7), "'<extra_id_0>' with id 7", "vocab_size 7");
    }

    @Test
    void aTokenizerWithoutTheEndTokenIsRefused() {
        assertRefused(() -> bart.requireEnds(1), "does not end a text", "1");
        try (Tokenizer plain = Seq2SeqTokenizers.of(Seq2SeqTokenizers.T5.replaceAll("(?s)\"post_processor\".*?\"decoder\"", "\"decoder\""))) {
            assertRefused(() -> plain.requireEnds(1), "does not end a text");
        }
    }

    @Test
    void aVocabularyWithoutNumbersIsRefused() {
        for (String id : new String[] {"\"b\"", "\"5\"", "-1", "1.5", "5000000000", "null"}) {
            String json = "{\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"a\", \"vocab\": {\"a\": " + id + "}}}";
            assertRefused(() -> Tokenizer.of(json.getBytes(StandardCharsets.UTF_8)), "'a' has the id " + id);
        }
    }

    @Test
    void cleanupTakesOutTheSpacesBeforePunctuation() {
        assertEquals("I don't, you've. We're it's!", Cleanup.clean("I do n't , you 've . We 're it 's !"));
        assertEquals("the 'old' way? I'm", Cleanup.clean("the 'old' way ? I 'm"));
        assertEquals("a'b", Cleanup.clean("a ' b"));
        assertEquals("...", Cleanup.clean(" . . ."));
    }

    private static void assertRefused(Runnable call, String... parts) {
        String message = assertThrows(BadInputException.class, call::run).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
        assertEquals(1, message.lines().count(), message);
    }
}
