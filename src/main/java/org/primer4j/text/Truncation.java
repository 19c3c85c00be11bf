package org.primer4j.text;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which tokens stay when an encoding is too long. The texts lose tokens at their ends; special tokens (sequence id -1)
 * always stay, so the template around the texts is whole. Of a pair the longer text is cut first ("longest first" of
 * Hugging Face tokenizers, whose choice for odd room this repeats: the longer, else the second text gets the extra token).
 */
final class Truncation {

    private Truncation() {
    }

    /**
     * The positions to keep, ascending.
     *
     * @param sequenceIds per token 0 (first text), 1 (second text) or -1 (special)
     * @param maxTokens   most tokens that may stay
     * @throws IllegalArgumentException if not even the special tokens fit
     */
    static int[] kept(long[] sequenceIds, int maxTokens) {
        int first = count(sequenceIds, 0);
        int second = count(sequenceIds, 1);
        int room = maxTokens - (sequenceIds.length - first - second);
        if (room < 0) {
            throw new IllegalArgumentException("maxTokens " + maxTokens + " leaves no room for the "
                    + (sequenceIds.length - first - second) + " special tokens");
        }
        int shorter = shorterLength(Math.min(first, second), Math.max(first, second), room);
        int longer = Math.min(room - shorter, Math.max(first, second));
        return first > second ? keep(sequenceIds, longer, shorter) : keep(sequenceIds, shorter, longer);
    }

    private static int shorterLength(int shorter, int longer, int room) {
        return shorter + longer <= room ? shorter : Math.min(shorter, room / 2);
    }

    private static int[] keep(long[] sequenceIds, int first, int second) {
        int[] left = {first, second};
        return IntStream.range(0, sequenceIds.length)
                .filter(i -> sequenceIds[i] < 0 || left[(int) sequenceIds[i]]-- > 0).toArray();
    }

    private static int count(long[] sequenceIds, long id) {
        return (int) Arrays.stream(sequenceIds).filter(s -> s == id).count();
    }
}
