package org.primer4j.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class TokenizerTest {

    private static final int LONG = 100_000;
    private static Tokenizer miniLm;

    @BeforeAll
    static void open() throws IOException {
        miniLm = miniLm();
    }

    @AfterAll
    static void close() {
        miniLm.close();
    }

    @Test
    void encodesWithSpecialTokens() {
        assertArrayEquals(new int[] {101, 7592, 2088, 102}, miniLm.encode("hello world", LONG));
        assertArrayEquals(new int[] {101, 102}, miniLm.encode("", LONG));
    }

    @Test
    void theFilesOwnTruncationAndPaddingAreOff() {
        // The file pads every text to 128 tokens and cuts it there.
        int[] ids = miniLm.encode("hello ".repeat(3000), LONG);
        assertEquals(3002, ids.length);
        assertEquals(102, ids[3001]);
        List<int[]> batch = miniLm.encodeAll(List.of("hello", "hello ".repeat(1000)), LONG);
        assertEquals(3, batch.get(0).length);
        assertEquals(1002, batch.get(1).length);
    }

    @Test
    void truncationKeepsTheClosingToken() {
        assertArrayEquals(new int[] {101, 7592, 102}, miniLm.encode("hello world", 3));
        assertArrayEquals(new int[] {101, 102}, miniLm.encode("hello world", 2));
        assertThrows(IllegalArgumentException.class, () -> miniLm.encode("hello world", 1));
    }

    @Test
    void pairsHaveTypesAndLoseTheLongerTextFirst() {
        Encoding whole = miniLm.encodePair("hello world", "hello", LONG);
        assertArrayEquals(new int[] {101, 7592, 2088, 102, 7592, 102}, whole.ids());
        assertArrayEquals(new int[] {0, 0, 0, 0, 1, 1}, whole.typeIds());
        Encoding cut = miniLm.encodePair("hello world", "hello", 5);
        assertArrayEquals(new int[] {101, 7592, 102, 7592, 102}, cut.ids());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1}, cut.typeIds());
    }

    @Test
    void aSeparatorInTheTextIsTextForTruncation() {
        assertArrayEquals(new int[] {101, 7592, 102, 2088, 102}, miniLm.encode("hello [SEP] world", LONG));
        assertArrayEquals(new int[] {101, 7592, 102}, miniLm.encode("hello [SEP] world", 3));
    }

    @Test
    void batchesEqualSingles() {
        List<String> texts = List.of("hello", "", "a much longer text, with commas, than the others", "caf\u00e9 \ud83d\ude00", "\u0000 nul");
        List<String> seconds = List.of("x", "y y", "z", "longer than the first one here", "");
        List<int[]> batch = miniLm.encodeAll(texts, 9);
        List<Encoding> pairs = miniLm.encodePairs(texts, seconds, 9);
        for (int i = 0; i < texts.size(); i++) {
            assertArrayEquals(miniLm.encode(texts.get(i), 9), batch.get(i));
            Encoding single = miniLm.encodePair(texts.get(i), seconds.get(i), 9);
            assertArrayEquals(single.ids(), pairs.get(i).ids());
            assertArrayEquals(single.typeIds(), pairs.get(i).typeIds());
        }
        assertEquals(List.of(), miniLm.encodeAll(List.of(), 9));
        assertThrows(IllegalArgumentException.class, () -> miniLm.encodePairs(List.of("a"), List.of(), 9));
    }

    @Test
    void unpairedSurrogatesDoNotEndTheJvm() {
        assertEquals(101, miniLm.encode("a \ud83d b", LONG)[0]);
    }

    @Test
    void threadsShareOne() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<int[]>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = "hello world ".repeat(i % 7);
                calls.add(() -> miniLm.encode(text, LONG));
            }
            List<Future<int[]>> results = threads.invokeAll(calls);
            for (int i = 0; i < results.size(); i++) {
                assertEquals(2 + 2 * (i % 7), results.get(i).get().length);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void useAfterCloseIsRefused() throws IOException {
        Tokenizer tokenizer = miniLm();
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("hello", 8));
        assertThrows(IllegalStateException.class, () -> tokenizer.encodeAll(List.of("hello"), 8));
        assertThrows(IllegalStateException.class, () -> tokenizer.encodePair("hello", "world", 8));
        assertThrows(IllegalStateException.class, () -> tokenizer.encodePairs(List.of("hello"), List.of("world"), 8));
    }

    @Test
    void refusesBadFiles(@TempDir Path folder) throws IOException {
        assertRefused(() -> Tokenizer.of(folder.resolve("tokenizer.json")), "no such file");
        assertRefused(() -> Tokenizer.of(folder), "cannot be read");
        for (String json : new String[] {"", "{", "{}", "[]", "null", "{\"model\": {\"type\": \"WordPiece\"}}", "\u0000"}) {
            Path file = folder.resolve("tokenizer.json");
            Files.writeString(file, json);
            assertRefused(() -> Tokenizer.of(file), "tokenizer.json");
        }
        assertRefused(() -> Tokenizer.of(new byte[] {(byte) 0xFF, (byte) 0xFE}), "tokenizer.json");
        assertRefused(() -> Tokenizer.of("{\"truncation\": 3}".getBytes(StandardCharsets.UTF_8)), "tokenizer.json");
    }

    @Test
    void djlIsOffline() {
        assertTrue(ai.djl.util.Utils.isOfflineMode());
    }

    static Tokenizer miniLm() throws IOException {
        try (InputStream json = TokenizerTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
            return Tokenizer.of(json);
        }
    }

    private static void assertRefused(Executable call, String part) {
        String message = assertThrows(BadInputException.class, call).getMessage();
        assertTrue(message.contains(part), message);
        assertEquals(1, message.lines().count(), message);
    }
}
