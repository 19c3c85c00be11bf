package org.primer4j.generation;

/** {@code no_repeat_ngram_size}: which tokens would complete an n-gram that a sequence has already. */
final class RepeatedNgrams {

    private RepeatedNgrams() {}

    /** Bans them for the row added last. */
    static void ban(int[] tokens, int length, int size, StepRows rows) {
        if (size == 0) {
            return;
        }
        for (int start = 0; start + size <= length; start++) {
            if (matches(tokens, start, length - size + 1, size - 1)) {
                rows.addBan(tokens[start + size - 1]);
            }
        }
    }

    private static boolean matches(int[] tokens, int left, int right, int count) {
        for (int i = 0; i < count; i++) {
            if (tokens[left + i] != tokens[right + i]) {
                return false;
            }
        }
        return true;
    }
}
