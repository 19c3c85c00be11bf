package org.primer4j.objective;

import java.util.HashMap;
import java.util.Map;
import org.primer4j.text.Encoding;
import org.primer4j.text.Tokenizer;

/** Tokenised texts, each kept once and numbered, so that a batch encodes a text that occurs twice in it only once. */
public final class SequencePool {

    private final Tokenizer tokenizer;
    private final int maxTokens;
    private final Map<String, Sequence> known = new HashMap<>();

    /** @param maxTokens longest sequence, special tokens included; longer texts are cut */
    public SequencePool(Tokenizer tokenizer, int maxTokens) {
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
    }

    /** The sequence of a text. */
    public Sequence text(String text) {
        return known.computeIfAbsent("1" + text, key -> {
            int[] ids = tokenizer.encode(text, maxTokens);
            return new Sequence(known.size(), ids, new int[ids.length]);
        });
    }

    /** The sequence of a pair of texts. */
    public Sequence pair(String first, String second) {
        return known.computeIfAbsent("2" + first.length() + " " + first + second, key -> {
            Encoding encoding = tokenizer.encodePair(first, second, maxTokens);
            return new Sequence(known.size(), encoding.ids(), encoding.typeIds());
        });
    }

    /** Sequences so far; all their indices lie below. */
    public int size() {
        return known.size();
    }

    public int maxTokens() {
        return maxTokens;
    }
}
